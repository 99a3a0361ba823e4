import { createFileRoute, Link } from "@tanstack/react-router";
import { ApiAccess } from "../../../features/tokens/api-access";
import { PageHeader } from "../../../ui/page-header";

export const Route = createFileRoute("/_app/admin/api")({ component: ApiPage });

function ApiPage() {
  return (
    <>
      <PageHeader
        title="API"
        trail={[
          <Link key="admin" to="/admin">
            Admin
          </Link>,
        ]}
      />
      <ApiAccess />
    </>
  );
}

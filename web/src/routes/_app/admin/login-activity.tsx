import { createFileRoute, Link } from "@tanstack/react-router";
import { LoginActivity } from "../../../features/activity/login-activity";
import { PageHeader } from "../../../ui/page-header";

export const Route = createFileRoute("/_app/admin/login-activity")({ component: LoginActivityPage });

function LoginActivityPage() {
  return (
    <>
      <PageHeader
        title="Login activity"
        trail={[
          <Link key="admin" to="/admin">
            Admin
          </Link>,
        ]}
      />
      <LoginActivity />
    </>
  );
}

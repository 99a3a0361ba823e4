import { createFileRoute, Link } from "@tanstack/react-router";
import { UserList } from "../../../features/access/user-list";
import { PageHeader } from "../../../ui/page-header";

export const Route = createFileRoute("/_app/admin/users")({ component: UsersPage });

function UsersPage() {
  const { session } = Route.useRouteContext();
  return (
    <>
      <PageHeader
        title="Users"
        trail={[
          <Link key="admin" to="/admin">
            Admin
          </Link>,
        ]}
      />
      <UserList myId={session.user.id} />
    </>
  );
}

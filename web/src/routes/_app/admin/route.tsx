import { createFileRoute, Outlet } from "@tanstack/react-router";
import { ApiError } from "../../../api/problem";

export const Route = createFileRoute("/_app/admin")({
  beforeLoad: ({ context }) => {
    // The server refuses as well; this only says it sooner.
    if (!context.session.user.is_admin) {
      throw new ApiError(
        403,
        "access.admin_required",
        "These pages need the administrator right. Ask an administrator.",
      );
    }
  },
  component: Outlet,
});

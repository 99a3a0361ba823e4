import { queryOptions } from "@tanstack/react-query";
import { getApiAccess } from "../../api/generated/tokens";

export const apiAccessQuery = queryOptions({
  queryKey: ["api-access"],
  queryFn: ({ signal }) => getApiAccess({ signal }),
  staleTime: 0,
});

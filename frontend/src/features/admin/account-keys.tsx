/** Every API key of the organisation. */
import { useQuery } from "@tanstack/react-query";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { KeyTable } from "@/parts/key-table";

export function AccountKeys() {
  const { data } = useQuery({
    queryKey: keys.admin("accounts", { all: true }),
    queryFn: () => got(api.GET("/api/v1/service-accounts", { params: { query: { limit: 200 } } })),
  });
  return <KeyTable owner="any" owners={data?.items ?? []} />;
}

/** Names of people by their ids: of those who draw here at once, of others as soon as they are known. */
import { useNames } from "@/api/people";
import { useCompany } from "./studio";

export function usePeople(): (id: string) => string {
  const name = useNames();
  const peers = useCompany((company) => company.peers);
  return (id) => peers.find((one) => one.id === id)?.name ?? name(id);
}

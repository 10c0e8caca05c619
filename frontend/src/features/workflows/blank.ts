/** A new workflow: a manual start, and a name that is not taken. */
import type { Schemas } from "@/api/client";

export function blank(taken: readonly string[]): Schemas["Definition"] & { schema: string } {
  const first = "New workflow";
  let name = first;
  for (let number = 2; taken.includes(name); number += 1) name = `${first} ${number}`;
  return {
    schema: "weir/v1",
    name,
    description: "",
    settings: {},
    nodes: [{ id: "start", type: "manual", name: "Started by hand", position: { x: 96, y: 160 } }],
    edges: [],
  };
}

/**
 * Names for the ids of people, accounts and keys: those that come into sight together are asked
 * for together, and once for as long as the page is open.
 */
import { createStore, useStore } from "zustand";
import { middle } from "@/lib/format";
import { api, got } from "./client";
import { useMe } from "./session";

const AT_ONCE = 100;
const HAS_A_NAME = /^(usr|svc|key)_/;

/** By who asks and the id: what one may know, another one who signs in here may not. */
const known = createStore<Readonly<Record<string, string>>>(() => ({}));
const asked = new Set<string>();
let wanted: string[] = [];

function want(whose: string, id: string): void {
  if (!whose || !HAS_A_NAME.test(id) || asked.has(whose + id)) return;
  asked.add(whose + id);
  if (wanted.push(id) === 1) setTimeout(() => void ask(whose));
}

async function ask(whose: string): Promise<void> {
  const every = wanted;
  wanted = [];
  for (let at = 0; at < every.length; at += AT_ONCE) {
    const ids = every.slice(at, at + AT_ONCE);
    try {
      const query = { ids: ids.join(",") };
      const { names } = await got(api.GET("/api/v1/names", { params: { query } }));
      const told = Object.entries(names).map(([id, name]) => [whose + id, name]);
      known.setState(Object.fromEntries(told));
    } catch {
      for (const id of ids) asked.delete(whose + id); // when they come into sight again
    }
  }
}

/** A function that names an id: "you", a name, or the id cut short. */
export function useNames(): (id: string) => string {
  const me = useMe();
  const names = useStore(known);
  const whose = me ? `${me.tenant} ${me.id} ` : "";
  return (id) => {
    if (!id) return "–";
    if (id === me?.id) return me.name || "you";
    want(whose, id);
    return names[whose + id] ?? middle(id, 14);
  };
}

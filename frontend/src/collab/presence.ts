/** Who else is here: what awareness says, as a list with a colour for each person. */
import type { Awareness } from "y-protocols/awareness";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Position } from "./types";

export interface Editing {
  node: string;
  field: string;
}

export interface Peer {
  client: number;
  id: string;
  name: string;
  isReadOnly: boolean;
  /** One of the words of COLOURS. */
  colour: string;
  cursor: Position | null;
  selection: readonly string[];
  editing: Editing | null;
  drag: readonly { id: string; position: Position }[] | null;
}

/** Tokens that people are told apart by; the accent is one's own. */
export const COLOURS = ["human", "ok", "warn", "wait", "err"] as const;

export function colourOf(id: string): string {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return COLOURS[hash % COLOURS.length] as string;
}

const isPosition = (value: unknown): value is Position =>
  typeof value === "object" &&
  value !== null &&
  Number.isFinite((value as Position).x) &&
  Number.isFinite((value as Position).y);

const MOST = 200;

/** What another client says of itself, as far as it can be believed. */
export function readPeer(client: number, state: Record<string, unknown>): Peer | null {
  const user = state.user as { id?: unknown; name?: unknown; read_only?: unknown } | undefined;
  if (typeof user?.id !== "string" || !user.id) return null;
  const editing = state.editing as Partial<Editing> | null | undefined;
  const selection = Array.isArray(state.selection) ? state.selection : [];
  const drag = Array.isArray(state.drag) ? state.drag.slice(0, MOST) : null;
  return {
    client,
    id: user.id,
    name: typeof user.name === "string" && user.name ? user.name.slice(0, 80) : "Somebody",
    isReadOnly: user.read_only === true,
    colour: colourOf(user.id),
    cursor: isPosition(state.cursor) ? state.cursor : null,
    selection: selection.filter((id): id is string => typeof id === "string").slice(0, MOST),
    editing:
      typeof editing?.node === "string" && typeof editing.field === "string"
        ? { node: editing.node, field: editing.field }
        : null,
    drag:
      drag
        ?.filter((one) => typeof one?.id === "string" && isPosition(one.position))
        .map((one) => ({ id: one.id as string, position: one.position as Position })) ?? null,
  };
}

export interface Company {
  peers: readonly Peer[];
}

export class Presence {
  readonly company: StoreApi<Company> = createStore(() => ({ peers: [] }));
  private readonly awareness: Awareness;
  private waiting: Record<string, unknown> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(awareness: Awareness) {
    this.awareness = awareness;
    awareness.on("change", this.look);
    awareness.setLocalState({
      cursor: null,
      selection: [],
      editing: null,
      drag: null,
      viewport: null,
    });
  }

  private readonly look = (change?: { added: number[]; updated: number[]; removed: number[] }) => {
    // What one says oneself, many times a second, is no news here.
    const told = change ? [...change.added, ...change.updated, ...change.removed] : [];
    if (told.length && told.every((client) => client === this.awareness.clientID)) return;
    const peers: Peer[] = [];
    this.awareness.getStates().forEach((state, client) => {
      const peer = client === this.awareness.clientID ? null : readPeer(client, state);
      if (peer) peers.push(peer);
    });
    peers.sort((one, other) => one.name.localeCompare(other.name) || one.client - other.client);
    this.company.setState({ peers });
  };

  /** Say something of oneself now. */
  say(what: Record<string, unknown>): void {
    const state = this.awareness.getLocalState();
    if (state) this.awareness.setLocalState({ ...state, ...what });
  }

  /** Say what moves quickly, at most twenty times a second. */
  sayOften(what: Record<string, unknown>): void {
    this.waiting = { ...this.waiting, ...what };
    this.timer ??= setTimeout(this.flush, 50);
  }

  /** What waits to be said is said now. */
  readonly flush = () => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const what = this.waiting;
    this.waiting = null;
    if (what) this.say(what);
  };

  close(): void {
    clearTimeout(this.timer);
    this.awareness.off("change", this.look);
  }
}

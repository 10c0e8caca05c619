/**
 * One open draft: its document, kept in this browser and joined with everybody else's through
 * the server, with what was done here to undo and who else is there. Only the server fills a
 * new document, so nothing is drawn before it was heard or found here.
 */
import * as decoding from "lib0/decoding";
import { IndexeddbPersistence } from "y-indexeddb";
import { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Connection, carriesChanges, type Happened, next, START } from "./connection";
import { LOCAL, roots } from "./document";
import { Edits, type ShapeOf } from "./edits";
import { remembered, stored } from "./keeping";
import { Presence } from "./presence";
import { type Catalogue, Projection } from "./projection";

const SAVED = 100;
const NOTICE = 101;
const UNDO_STEPS = 200;
const REFRESH = 4401;
const MOVED = 4410;
const REFUSED = 4422;

export interface Notice {
  kind: string;
  revision?: string;
  version?: string;
  number?: number;
  by?: string;
  read_only?: boolean;
}

export interface Draft {
  doc: Y.Doc;
  edits: Edits;
  undo: Y.UndoManager;
  projection: Projection;
  presence: Presence;
  awareness: Awareness;
  connection: StoreApi<Connection>;
  /** What the server tells beside the document: that the draft was written, that somebody published. */
  onNotice: (told: (notice: Notice) => void) => () => void;
  /** Base64 of what this browser has, for publishing exactly that. */
  stateVector: () => string;
  close: () => void;
}

/** A draft without a server: the parts that need none. */
export function localDraft(catalogue: Catalogue, shapeOf: ShapeOf, doc = new Y.Doc()): Draft {
  const at = roots(doc);
  const undo = new Y.UndoManager([at.nodes, at.edges, at.notes, at.vars, at.settings, at.meta], {
    trackedOrigins: new Set([LOCAL]),
    captureTimeout: 500,
  });
  undo.on("stack-item-added", () => {
    if (undo.undoStack.length > UNDO_STEPS) undo.undoStack.shift();
  });
  const awareness = new Awareness(doc);
  const projection = new Projection(doc, catalogue);
  const presence = new Presence(awareness);
  return {
    doc,
    undo,
    awareness,
    projection,
    presence,
    edits: new Edits(doc, undo, shapeOf),
    connection: createStore(() => ({
      ...START,
      phase: "online" as const,
      isLoaded: true,
      isReadOnly: false,
    })),
    onNotice: () => () => {},
    stateVector: () => base64(Y.encodeStateVector(doc)),
    close: () => {
      presence.close();
      projection.close();
      undo.destroy();
      awareness.destroy();
      doc.destroy();
    },
  };
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export interface Opening {
  workflow: string;
  user: string;
  catalogue: Catalogue;
  shapeOf: ShapeOf;
  /** The epoch of the document; rejects where the server does not answer or refuses. */
  epochOf: () => Promise<string>;
  /** Ask something that renews the session; false if it is over. */
  renew: () => Promise<boolean>;
}

/**
 * Open the draft of a workflow. `replaced` is told when the document is another one from now on:
 * what is shown must be opened anew.
 */
export async function openDraft(opening: Opening, replaced: () => void): Promise<Draft> {
  const { workflow, user } = opening;
  const key = remembered(user, workflow);
  let epoch = localStorage.getItem(key) ?? "";
  try {
    const present = await opening.epochOf();
    if (epoch && epoch !== present) indexedDB.deleteDatabase(stored(user, workflow, epoch));
    epoch = present;
    localStorage.setItem(key, epoch);
  } catch (error) {
    if (!epoch) throw error; // nothing is here to go on with
  }
  const draft = localDraft(opening.catalogue, opening.shapeOf);
  const { doc, connection } = draft;
  connection.setState(START, true);
  const tell = (happened: Happened) =>
    connection.setState(next(connection.getState(), happened), true);

  const kept = new IndexeddbPersistence(stored(user, workflow, epoch), doc);
  kept.whenSynced
    .then(() => {
      if (doc.getMap("nodes").size || doc.getMap("meta").size) tell({ kind: "loaded" });
    })
    .catch(() => {});

  class Counted extends WebSocket {
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      if (data instanceof Uint8Array && carriesChanges(data)) tell({ kind: "sent" });
      super.send(data as BufferSource);
    }
  }
  const url = `${location.origin.replace(/^http/, "ws")}/api/v1/workflows/${workflow}`;
  const provider = new WebsocketProvider(url, "collab", doc, {
    awareness: draft.awareness,
    params: { epoch, weir: "1" },
    WebSocketPolyfill: Counted as typeof WebSocket,
    disableBc: true, // what another tab sends comes from the server, when it is stored
    maxBackoffTime: 4_000,
    connect: false,
  });
  const listeners = new Set<(notice: Notice) => void>();
  provider.messageHandlers[SAVED] = (_, decoder) => {
    tell({ kind: "stored", count: decoding.readVarUint(decoder) });
  };
  provider.messageHandlers[NOTICE] = (_, decoder) => {
    const notice = JSON.parse(decoding.readVarString(decoder)) as Notice;
    if (notice.kind === "opened") tell({ kind: "opened", isReadOnly: notice.read_only === true });
    for (const told of listeners) told(notice);
  };
  provider.on("status", ({ status }: { status: string }) => {
    if (status === "connecting") tell({ kind: "connecting" });
    if (status === "disconnected") tell({ kind: "lost" });
  });
  provider.on("sync", (isSynced: boolean) => {
    if (isSynced) tell({ kind: "synced" });
  });
  doc.on("update", (_: Uint8Array, origin: unknown) => {
    if (origin !== provider && origin !== kept) tell({ kind: "changed" });
  });
  const over = async (code: number) => {
    if (code === REFRESH && (await opening.renew())) {
      provider.connect();
      return;
    }
    if (code === MOVED || code === REFUSED) {
      // What is here must never meet the new document.
      await kept.clearData().catch(() => {});
      localStorage.removeItem(key);
      replaced();
      return;
    }
    tell({ kind: "closed", code });
  };
  provider.on("connection-error", () => tell({ kind: "lost" }));
  provider.on("closed", ({ code }) => void over(code));
  const online = () => provider.shouldConnect && !provider.wsconnected && provider.connect();
  window.addEventListener("online", online);
  provider.connect();

  return {
    ...draft,
    onNotice: (told) => {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    close: () => {
      window.removeEventListener("online", online);
      provider.destroy();
      void kept.destroy();
      draft.close();
    },
  };
}

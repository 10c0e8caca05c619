/**
 * Whether what was drawn is kept: a small machine over what the socket says. Everything is saved
 * when the provider is synced and every frame with changes that was sent has been stored.
 */
export type Phase = "loading" | "connecting" | "online" | "offline" | "over";

export interface Connection {
  phase: Phase;
  /** What was there before was loaded, from the server or from this browser. */
  isLoaded: boolean;
  isReadOnly: boolean;
  sent: number;
  stored: number;
  /** Changes made while nobody heard them. */
  isWaiting: boolean;
  /** Why it is over, in words; empty else. */
  reason: string;
  code: number;
}

export type Happened =
  | { kind: "connecting" }
  | { kind: "loaded" }
  | { kind: "opened"; isReadOnly: boolean }
  | { kind: "synced" }
  | { kind: "lost" }
  | { kind: "sent" }
  | { kind: "stored"; count: number }
  | { kind: "changed" }
  | { kind: "closed"; code: number };

export const START: Connection = {
  phase: "loading",
  isLoaded: false,
  isReadOnly: true,
  sent: 0,
  stored: 0,
  isWaiting: false,
  reason: "",
  code: 0,
};

const REASONS: Record<number, string> = {
  4401: "You are signed out. Sign in again to go on drawing; what you drew is kept in this browser.",
  4403: "You may not look at this workflow.",
  4404: "This workflow is not there any more.",
  4413: "A change is too large to be sent. Export the draft and make it smaller.",
  4422: "The server refused a change that no draft may have.",
};

/** What is, after something happened. */
export function next(now: Connection, happened: Happened): Connection {
  switch (happened.kind) {
    case "connecting":
      return {
        ...now,
        phase: now.phase === "online" || now.phase === "offline" ? "offline" : "connecting",
        // Counted from here on as the server counts: what is drawn is sent before it has greeted.
        sent: 0,
        stored: 0,
      };
    case "loaded":
      return { ...now, isLoaded: true };
    case "opened":
      return { ...now, isReadOnly: happened.isReadOnly };
    case "synced":
      return { ...now, phase: "online", isLoaded: true, isWaiting: false, reason: "", code: 0 };
    case "lost":
      return { ...now, phase: now.phase === "over" ? "over" : "offline", sent: 0, stored: 0 };
    case "sent":
      return { ...now, sent: now.sent + 1 };
    case "stored":
      return { ...now, stored: Math.max(now.stored, happened.count) };
    case "changed":
      return now.phase === "online" ? now : { ...now, isWaiting: true };
    case "closed":
      return {
        ...now,
        phase: "over",
        code: happened.code,
        reason: REASONS[happened.code] ?? "The connection was closed for good.",
      };
  }
}

export type Saved = "loading" | "saved" | "saving" | "offline" | "kept" | "read-only" | "over";

/** What the status strip says. */
export function savedState(now: Connection): Saved {
  if (now.phase === "over") return "over";
  if (!now.isLoaded) return "loading";
  if (now.phase === "online") {
    if (now.isReadOnly) return "read-only";
    return now.stored >= now.sent ? "saved" : "saving";
  }
  return now.isWaiting ? "kept" : "offline";
}

export const SAVED_WORDS: Record<Saved, string> = {
  loading: "Loading",
  saved: "Saved",
  saving: "Saving",
  offline: "Offline",
  kept: "Offline: changes are kept in this browser",
  "read-only": "Read only",
  over: "Disconnected",
};

/** Whether a frame of y-websocket carries changes: sync step 2 or an update. */
export function carriesChanges(frame: Uint8Array): boolean {
  return frame[0] === 0 && (frame[1] === 1 || frame[1] === 2);
}

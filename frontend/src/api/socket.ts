/**
 * A WebSocket of ours that comes back: JSON frames, a pause that grows between attempts,
 * at once when the network returns. Whoever uses it resumes behind the last `seq` it saw.
 */
import { authorised } from "./client";

export type SocketState = "connecting" | "open" | "waiting" | "closed";

export interface Frame {
  type: string;
  seq?: string;
  at?: string;
  run_id?: string;
  step?: string | null;
  data?: Record<string, unknown>;
  [more: string]: unknown;
}

export interface SocketEvents {
  /** Asked before each connection, so that a resumption stands in the address. */
  url: () => string;
  onFrame: (frame: Frame) => void;
  onOpen?: (send: (frame: object) => void) => void;
  onState?: (state: SocketState) => void;
}

const FIRST_MS = 300;
const LONGEST_MS = 10_000;
/** Pings come every 20 s at the protocol's level; a page cannot see them, so it asks the network. */
const OVER = new Set([4401, 4403, 4404, 4410]);

export class LiveSocket {
  private socket: WebSocket | null = null;
  private pause = FIRST_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private readonly events: SocketEvents;
  private readonly back = () => this.now();

  constructor(events: SocketEvents) {
    this.events = events;
    window.addEventListener("online", this.back);
    this.connect();
  }

  send(frame: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.back);
    this.socket?.close(1000);
    this.events.onState?.("closed");
  }

  private now(): void {
    if (this.stopped || this.socket) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private connect(): void {
    this.events.onState?.("connecting");
    const url = new URL(this.events.url(), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = FIRST_MS;
      this.events.onState?.("open");
      this.events.onOpen?.((frame) => socket.send(JSON.stringify(frame)));
    };
    socket.onmessage = ({ data }) => {
      if (this.socket === socket && typeof data === "string") this.events.onFrame(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.stopped) return;
      void this.later(code);
    };
  }

  private async later(code: number): Promise<void> {
    this.events.onState?.("waiting");
    if (OVER.has(code) || code === 1006) {
      // A handshake says nothing of why it failed: an ordinary question does, and renews.
      const who = await authorised(new Request(`${location.origin}/api/v1/auth/me`)).catch(
        () => null,
      );
      if (who?.status === 401) {
        this.close();
        return;
      }
    }
    if (this.stopped || this.socket) return;
    this.timer = setTimeout(() => this.connect(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_MS);
  }
}

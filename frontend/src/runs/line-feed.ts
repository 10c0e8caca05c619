/** The lines of a run, live: resumed behind the last one that came. */
import { createStore } from "zustand/vanilla";
import { type Frame, LiveSocket, type SocketState } from "@/api/socket";
import { perFrame } from "@/lib/frames";
import { LineBuffer, lineOf } from "./model/logs";

export interface FeedView {
  revision: number;
  socket: SocketState;
}

export class LineFeed {
  readonly lines = new LineBuffer();
  readonly view = createStore<FeedView>(() => ({ revision: 0, socket: "connecting" }));
  private readonly frames = perFrame<Frame>((frames) => this.take(frames));
  private readonly socket: LiveSocket;

  constructor(runId: string) {
    this.socket = new LiveSocket({
      url: () => `/api/v1/runs/${runId}/logs?after=${this.lines.last}`,
      onFrame: (frame) => this.frames.push(frame),
      onState: (socket) => this.view.setState({ socket }),
    });
  }

  close(): void {
    this.frames.stop();
    this.socket.close();
  }

  private take(frames: readonly Frame[]): void {
    const last = frames.findLastIndex((frame) => frame.type === "reset");
    if (last >= 0) this.lines.clear();
    this.lines.add(frames.slice(last + 1).flatMap((frame) => lineOf(frame) ?? []));
    this.view.setState({ revision: this.lines.revision });
  }
}

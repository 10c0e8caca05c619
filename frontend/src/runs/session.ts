/**
 * An open run view: the run's picture and those of the runs it started, what is selected and
 * unfolded. Filled from timelines, then live; a cut network is resumed behind the last frame.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type ApiError, api, asError, got, type Schemas } from "@/api/client";
import { type Frame, LiveSocket, type SocketState } from "@/api/socket";
import { perFrame } from "@/lib/frames";
import { LineFeed } from "./line-feed";
import { ancestorsOf, nodeOf } from "./model/paths";
import { RunPicture } from "./model/picture";
import { allUnfolded, firstUnfolded, keyOf, type Place, SMALL_LOOP } from "./model/rows";
import { type Said, Speech } from "./model/speech";

export interface Selected extends Place {
  attempt: number | null;
}

export interface RunView {
  /** Grows with every change of a picture. */
  revision: number;
  /** Grows when there are more rows. */
  structure: number;
  ready: boolean;
  error: ApiError | null;
  selected: Selected | null;
  unfolded: ReadonlySet<string>;
  socket: SocketState;
  /** Grows when a step says something while it works. */
  heard: number;
}

/** So many steps are read at once; of a longer run its containers are read as they are unfolded. */
const AT_ONCE = 20_000;
const SETTLED_MS = 700;

type Timeline = Schemas["Timeline"];

async function readPages(runId: string, query: { under?: string; levels?: number }, most: number) {
  const pages: Timeline[] = [];
  let cursor: string | undefined;
  let read = 0;
  do {
    const page = await got(
      api.GET("/api/v1/runs/{run_id}/timeline", {
        params: { path: { run_id: runId }, query: { ...query, ...(cursor ? { cursor } : {}) } },
      }),
    );
    pages.push(page);
    read += page.items.length;
    cursor = page.next_cursor ?? undefined;
  } while (cursor && read < most);
  return { pages, whole: !cursor };
}

export class RunSession {
  readonly view: StoreApi<RunView>;
  readonly root: RunPicture;
  private readonly pictures = new Map<string, RunPicture>();
  private readonly speech = new Speech();
  private readonly feeds = new Map<string, LineFeed>();
  private readonly reading = new Map<string, Promise<void>>();
  private readonly frames = perFrame<Frame>((frames) => this.take(frames));
  private socket: LiveSocket | null = null;
  private readonly settling = new Map<string, ReturnType<typeof setTimeout>>();
  private stopped = false;

  constructor(runId: string, selected: Selected | null) {
    this.root = new RunPicture(runId);
    this.pictures.set(runId, this.root);
    this.view = createStore<RunView>(() => ({
      revision: 0,
      structure: 0,
      ready: false,
      error: null,
      selected,
      unfolded: new Set(),
      socket: "closed",
      heard: 0,
    }));
  }

  get runId(): string {
    return this.root.runId;
  }

  picture(runId: string): RunPicture | undefined {
    return this.pictures.get(runId);
  }

  /** What a step has said while it worked, as far as it was heard here. */
  said(runId: string, path: string): Said | undefined {
    return this.speech.of(keyOf(runId, path));
  }

  async start(): Promise<void> {
    this.stopped = false;
    try {
      await this.read(this.root);
      if (this.stopped) return;
      const failed = [...this.root.steps()].find((step) => step.status === "failed");
      const wanted = this.view.getState().selected?.path ?? failed?.path;
      this.view.setState({ unfolded: firstUnfolded(this.root, wanted ? ancestorsOf(wanted) : []) });
      this.told({ ready: true, error: null });
      this.connect();
      void this.findChildren(this.root);
    } catch (thrown) {
      this.view.setState({ error: asError(thrown) });
    }
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.settling.values()) clearTimeout(timer);
    this.frames.stop();
    this.socket?.close();
    this.socket = null;
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
  }

  /** The lines of a run; read from the first time that somebody looks. */
  feed(runId: string): LineFeed {
    const known = this.feeds.get(runId);
    if (known) return known;
    const feed = new LineFeed(runId);
    this.feeds.set(runId, feed);
    return feed;
  }

  /** Select a step everywhere; null for the run itself. What it stands in is unfolded. */
  select(place: Place | null, attempt: number | null = null): void {
    if (!place) {
      this.view.setState({ selected: null });
      return;
    }
    const { unfolded } = this.view.getState();
    const around = ancestorsOf(place.path).map((path) => keyOf(place.runId, path));
    const closed = around.filter((key) => !unfolded.has(key));
    this.view.setState({
      selected: { ...place, attempt },
      ...(closed.length ? { unfolded: new Set([...unfolded, ...closed]) } : {}),
    });
  }

  /**
   * The step of a node: in the iteration that is selected, or else the one that failed, or the
   * first; null where the run has not come to it.
   */
  placeOf(runId: string, node: string, selected: Place | null): string | null {
    const picture = this.pictures.get(runId);
    if (!picture?.tally(node)) return null;
    const near = selected?.runId === runId ? [...ancestorsOf(selected.path), selected.path] : [];
    for (const around of near.reverse()) {
      if (nodeOf(around) === node && !around.endsWith("]")) return around;
      const found = picture.children(around).find((path) => nodeOf(path) === node);
      if (found && !found.endsWith("]")) return found;
    }
    return picture.firstOf(node);
  }

  fold(place: Place, open: boolean): void {
    const unfolded = new Set(this.view.getState().unfolded);
    const key = keyOf(place.runId, place.path);
    if (open) unfolded.add(key);
    else unfolded.delete(key);
    this.view.setState({ unfolded });
    if (open) void this.fill(place);
  }

  foldAll(open: boolean): void {
    const unfolded = open
      ? new Set([...this.pictures.values()].flatMap((picture) => [...allUnfolded(picture)]))
      : new Set<string>();
    this.view.setState({ unfolded });
  }

  /** What the broker says of queued steps: those that a worker has. */
  atWork(paths: ReadonlySet<string>): void {
    const before = this.root.revision;
    this.root.atWork(paths);
    if (this.root.revision !== before) this.told();
  }

  // -- reading ------------------------------------------------------------------------------

  private async read(picture: RunPicture): Promise<void> {
    const { pages, whole } = await readPages(picture.runId, {}, AT_ONCE);
    picture.load(pages);
    picture.partial = !whole;
    if (picture.partial) {
      const top = await readPages(picture.runId, { levels: 1 }, AT_ONCE);
      picture.load(top.pages);
    }
  }

  /** What stands in a step that was unfolded and is not here: more steps, or a run. */
  private async fill({ runId, path }: Place): Promise<void> {
    const picture = this.pictures.get(runId);
    const step = picture?.step(path);
    if (!picture || !step) return;
    if (step.childRun) await this.openRun(step.childRun);
    const known = picture.children(path).length;
    if (!picture.partial || known >= (step.inside?.total ?? 0)) return;
    await this.once(keyOf(runId, path), async () => {
      const { pages } = await readPages(runId, { under: path, levels: 1 }, AT_ONCE);
      picture.load(pages);
      this.told();
    });
  }

  private async openRun(runId: string): Promise<void> {
    await this.once(runId, async () => {
      const picture = new RunPicture(runId);
      await this.read(picture);
      this.pictures.set(runId, picture);
      this.told();
      if (picture.live) this.subscribe(picture);
      await this.findChildren(picture);
    });
  }

  /** The runs that steps started: the timeline knows only those that are still waited for. */
  private async findChildren(picture: RunPicture): Promise<void> {
    const found: [string, string][] = [];
    let cursor: string | undefined;
    do {
      const query = { parent_run_id: picture.runId, limit: 200, ...(cursor ? { cursor } : {}) };
      const page = await got(api.GET("/api/v1/runs", { params: { query } })).catch(() => null);
      for (const run of page?.items ?? []) {
        if (run.parent_step) found.push([run.parent_step, run.id]);
      }
      cursor = page?.next_cursor ?? undefined;
    } while (cursor && found.length < 5_000);
    if (!found.length || this.stopped) return;
    picture.started(found);
    this.told();
  }

  private once(key: string, act: () => Promise<void>): Promise<void> {
    const known = this.reading.get(key);
    if (known) return known;
    const going = act().catch(() => {
      this.reading.delete(key);
    });
    this.reading.set(key, going);
    return going;
  }

  // -- live ---------------------------------------------------------------------------------

  private connect(): void {
    if (!this.root.live || this.socket) return;
    this.socket = new LiveSocket({
      url: () => "/api/v1/ws",
      onFrame: (frame) => this.frames.push(frame),
      onOpen: () => {
        for (const picture of this.pictures.values()) if (picture.live) this.subscribe(picture);
      },
      onState: (socket) => this.view.setState({ socket }),
    });
  }

  private subscribe(picture: RunPicture): void {
    this.socket?.send({ type: "subscribe", run_id: picture.runId, after: picture.mark });
  }

  private take(frames: readonly Frame[]): void {
    let changed = false;
    let heard = false;
    for (const frame of frames) {
      const picture = frame.run_id ? this.pictures.get(frame.run_id) : undefined;
      if (!picture) continue;
      if (frame.type === "reset") {
        void this.again(picture, true);
      } else if (frame.type === "step:stream") {
        this.speech.hear(keyOf(picture.runId, frame.step ?? ""), frame.data ?? {});
        heard = true;
      } else if (!frame.type.startsWith("connection:") && frame.type !== "error") {
        if (picture.apply(frame)) {
          changed = true;
          this.unfoldSmall(frame, picture);
        }
        if (!picture.live) this.settle(picture);
      }
    }
    if (heard) this.view.setState((view) => ({ heard: view.heard + 1 }));
    if (changed) this.told();
  }

  /** As at the beginning: a container that is entered and holds little is unfolded. */
  private unfoldSmall(frame: Frame, picture: RunPicture): void {
    const path = frame.step ?? "";
    if (frame.type !== "step:entered" || path.includes("[")) return;
    if (Number(frame.data?.count ?? 0) > SMALL_LOOP) return;
    const { unfolded } = this.view.getState();
    this.view.setState({ unfolded: new Set(unfolded).add(keyOf(picture.runId, path)) });
  }

  /** The run has ended: its timeline has the last word, a moment later. */
  private settle(picture: RunPicture): void {
    clearTimeout(this.settling.get(picture.runId));
    const timer = setTimeout(() => void this.again(picture, false), SETTLED_MS);
    this.settling.set(picture.runId, timer);
    if (picture === this.root) {
      this.socket?.close();
      this.socket = null;
    }
  }

  private async again(picture: RunPicture, resubscribe: boolean): Promise<void> {
    if (resubscribe) picture.mark = "0";
    await this.read(picture).catch(() => {});
    if (this.stopped) return;
    if (resubscribe) this.subscribe(picture);
    this.told();
  }

  private told(more: Partial<RunView> = {}): void {
    const { revision } = this.view.getState();
    let structure = 0;
    for (const picture of this.pictures.values()) structure += picture.structure;
    this.view.setState({ revision: revision + 1, structure, ...more });
  }
}

/** The lines that steps wrote, as they are written; filtered by level, step and text. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, ScrollText } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { cx } from "@/lib/classes";
import { clock, count, exact } from "@/lib/format";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Empty } from "@/ui/states";
import type { LineFeed } from "../line-feed";
import { LEVELS, type Line } from "../model/logs";
import { useSession } from "../use-run";

const ROW = 22;
const LEVEL_TONES: Record<string, string> = {
  debug: "text-fg3",
  info: "text-fg2",
  warning: "text-warn",
  error: "text-err",
};

function useFeed(runId: string): LineFeed {
  const session = useSession();
  const feed = useMemo(() => session.feed(runId), [session, runId]);
  useStore(feed.view);
  return feed;
}

export function Logs({ runId, step }: { runId: string; step: string }) {
  const feed = useFeed(runId);
  const [levels, setLevels] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const [follows, follow] = useState(true);
  const [opened, open] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const only = all ? "" : step;
  const { revision } = feed.lines;
  const lines = useMemo(() => {
    void revision;
    return feed.lines.matching({ levels, step: only, text });
  }, [feed, revision, levels, only, text]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 20,
  });
  const last = lines.length - 1;
  useEffect(() => {
    if (follows && last >= 0) virtual.scrollToIndex(last, { align: "end" });
  }, [follows, last, virtual]);
  const scrolled = () => {
    const box = scroller.current;
    if (box) follow(box.scrollHeight - box.scrollTop - box.clientHeight < 2 * ROW);
  };
  const toggle = (level: string) => {
    const next = new Set(levels);
    if (!next.delete(level)) next.add(level);
    setLevels(next);
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-1 border-b border-line py-1.5">
        {LEVELS.map((level) => (
          <button
            key={level}
            type="button"
            aria-pressed={levels.has(level)}
            onClick={() => toggle(level)}
            className={cx(
              "h-7 rounded-control border px-2 text-12",
              LEVEL_TONES[level],
              levels.has(level) ? "border-line2 bg-bg3" : "border-line hover:bg-bg2",
            )}
          >
            {level}
          </button>
        ))}
        <Input
          type="search"
          aria-label="Find in the lines"
          placeholder="Find"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="ml-1 h-7 max-w-48 min-w-24 flex-1"
        />
        {step && (
          <label className="ml-1 inline-flex items-center gap-1.5 text-12 text-fg2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={all}
              onChange={(event) => setAll(event.target.checked)}
            />
            All steps
          </label>
        )}
        <span className="flex-1" />
        <SocketWord feed={feed} />
      </div>
      {lines.length === 0 ? (
        <Empty icon={ScrollText} title={feed.lines.length ? "No line like that" : "No lines yet"}>
          {feed.lines.length
            ? "Other levels, steps or words have some."
            : "What a step writes by its log stands here as it is written."}
        </Empty>
      ) : (
        <div
          ref={scroller}
          onScroll={scrolled}
          role="log"
          tabIndex={0}
          aria-live="off"
          aria-label="Lines"
          data-testid="lines"
          className="mono min-h-0 flex-1 overflow-auto text-12 outline-offset-[-2px]"
        >
          {feed.lines.dropped > 0 && (
            <p className="px-2 py-1 text-fg3">
              {count(feed.lines.dropped)} earlier lines are not shown here.
            </p>
          )}
          <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const line = lines[item.index];
              return (
                line && (
                  <div
                    key={item.key}
                    ref={virtual.measureElement}
                    data-index={item.index}
                    className="absolute inset-x-0"
                    style={{ transform: `translateY(${item.start}px)` }}
                  >
                    <OneLine
                      line={line}
                      named={!only || line.step !== only}
                      open={opened === line.id}
                      onOpen={() => open(opened === line.id ? null : line.id)}
                    />
                  </div>
                )
              );
            })}
          </div>
        </div>
      )}
      {!follows && lines.length > 0 && (
        <div className="flex shrink-0 justify-center border-t border-line py-1">
          <Button small icon={ArrowDownToLine} onClick={() => follow(true)}>
            Follow
          </Button>
        </div>
      )}
    </div>
  );
}

function SocketWord({ feed }: { feed: LineFeed }) {
  const state = useStore(feed.view, (view) => view.socket);
  if (state === "open")
    return <span className="text-12 text-fg3">{count(feed.lines.length)} lines</span>;
  return (
    <span role="status" className="text-12 text-warn">
      {state === "waiting" ? "Reconnecting" : "Connecting"}
    </span>
  );
}

function OneLine({
  line,
  named,
  open,
  onOpen,
}: {
  line: Line;
  named: boolean;
  open: boolean;
  onOpen: () => void;
}) {
  const fields = line.fields === null ? "" : JSON.stringify(line.fields);
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={onOpen}
        className="flex h-5.5 w-full items-center gap-2 px-2 text-left hover:bg-bg2 focus-visible:outline-offset-[-2px]"
      >
        <time dateTime={line.at} title={exact(line.at)} className="shrink-0 text-fg3">
          {clock(line.at)}
        </time>
        <span className={cx("w-14 shrink-0", LEVEL_TONES[line.level])}>{line.level}</span>
        {named && <span className="max-w-40 shrink-0 truncate text-fg2">{line.step}</span>}
        {line.attempt > 1 && <span className="shrink-0 text-warn">#{line.attempt}</span>}
        <span className="truncate text-fg">
          {line.message} {fields && <span className="text-fg3">{fields}</span>}
        </span>
      </button>
      {open && (
        <pre className="whitespace-pre-wrap break-words border-y border-line bg-bg0 px-4 py-2 text-fg2">
          {line.message}
          {fields && `\n${JSON.stringify(line.fields, null, 2)}`}
          {`\n${exact(line.at)}\nstep ${line.step}, attempt ${line.attempt}`}
          {line.trace && `\ntrace ${line.trace}`}
        </pre>
      )}
    </>
  );
}

/**
 * The first steps, along the lower edge: what is done ticks itself off, a mark beside the control
 * says what comes next. Nothing is covered: the strip has a place of its own, the mark takes no
 * pointer, and no focus is moved.
 */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useRouterState, useSearch } from "@tanstack/react-router";
import { Circle, CircleCheck, CircleDot, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { api, asError, got } from "@/api/client";
import { keys } from "@/api/queries";
import { cx } from "@/lib/classes";
import { Button, IconButton } from "@/ui/button";
import { tell } from "@/ui/toast";
import { type Command, useCommands } from "../commands";
import { type Found, findMark, placeBeside, TITLES, WIDTH } from "./marks";
import { advance, begun, NOT_NEEDED, nextOf, type Progress, STEPS, type Step } from "./progress";
import { keep, useTour } from "./store";

const LOOK_MS = 200;
const RUNS_MS = 1_500;

export function FirstSteps() {
  const progress = useTour((tour) => tour.progress);
  return progress?.isOn ? <Strip progress={progress} /> : null;
}

function leave(): void {
  keep(NOT_NEEDED);
  tell("The first steps begin again from the help at the lower left.");
}

function Strip({ progress }: { progress: Progress }) {
  const next = nextOf(progress);
  const [hiddenAt, setHiddenAt] = useState<Step | undefined>();
  const isHidden = hiddenAt === next;
  const look = useLook(next);
  const goThere = useProgress(progress, look.wires);
  const shown = isHidden ? null : look.found;
  useEffect(() => {
    const hide = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector("[data-modal]")) setHiddenAt(next);
    };
    window.addEventListener("keydown", hide);
    return () => window.removeEventListener("keydown", hide);
  }, [next]);
  const show = () => {
    setHiddenAt(undefined);
    if (!look.found) goThere(next);
  };
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "first-steps.leave", title: "Leave the first steps", group: "Help", run: leave },
      ],
      [],
    ),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") leave();
  };
  return (
    <section
      aria-label="First steps"
      onKeyDown={onKeyDown}
      className="@container flex h-full min-w-0 items-center gap-4 px-6"
    >
      <h2 className="shrink-0 text-13">
        First steps{" "}
        <span className="tabular ml-1 font-normal text-fg3">
          {progress.done.length} of {STEPS.length}
        </span>
      </h2>
      <ol className="flex min-w-0 flex-1 items-center gap-4 overflow-hidden">
        {STEPS.map((step) => (
          <Line
            key={step}
            step={step}
            isDone={progress.done.includes(step)}
            isNext={step === next}
          />
        ))}
      </ol>
      <Told next={next} say={shown?.mark.say} count={progress.done.length} />
      {next ? (
        <Button small onClick={() => (shown ? setHiddenAt(next) : show())}>
          {shown ? "Hide the hint" : "Show me"}
        </Button>
      ) : (
        <Button small kind="primary" onClick={() => keep(NOT_NEEDED)}>
          That is all
        </Button>
      )}
      <IconButton
        small
        side="top"
        icon={X}
        label="Leave the first steps"
        className="-mr-2"
        onClick={leave}
      />
      {shown && <Pointer found={shown} title={next ? TITLES[next] : ""} />}
    </section>
  );
}

function Line({ step, isDone, isNext }: { step: Step; isDone: boolean; isNext: boolean }) {
  const Icon = isDone ? CircleCheck : isNext ? CircleDot : Circle;
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      data-done={isDone}
      title={TITLES[step]}
      className={cx(
        "flex shrink-0 items-center gap-1.5",
        isNext ? "font-medium text-fg" : "text-fg2",
      )}
    >
      <Icon
        size={16}
        strokeWidth={1.5}
        aria-hidden
        className={cx("shrink-0", isDone ? "text-ok" : isNext ? "text-accent" : "text-fg3")}
      />
      <span className={cx("whitespace-nowrap", !isNext && "@max-[1220px]:sr-only")}>
        {TITLES[step]}
      </span>
      {isDone && <span className="sr-only">, done</span>}
    </li>
  );
}

/** The same for who hears the page: told as it changes, after what they are doing. */
function Told({
  next,
  say = "",
  count,
}: {
  next: Step | undefined;
  say?: string | undefined;
  count: number;
}) {
  const [told, setTold] = useState("");
  useEffect(() => {
    setTold(
      next
        ? `First steps: ${count} of ${STEPS.length} done. Next: ${TITLES[next]}. ${say}`
        : "First steps: all done.",
    );
  }, [next, say, count]);
  return (
    <p role="status" className="sr-only">
      {told}
    </p>
  );
}

function Pointer({ found, title }: { found: Found; title: string }) {
  const { mark, box } = found;
  const size = { width: innerWidth, height: innerHeight };
  return (
    <div aria-hidden className="pointer-events-none">
      <div
        className="fixed z-20 rounded-control outline-2 outline-dashed outline-accent"
        style={{
          left: box.left,
          top: box.top,
          width: box.right - box.left,
          height: box.bottom - box.top,
        }}
      />
      <div
        data-mark={mark.on}
        className="fixed z-20 rounded-panel border-l-3 border-accent bg-bg1 px-4 py-3 shadow-float"
        style={{ ...placeBeside(box, mark.side, size), width: WIDTH }}
      >
        <p className="font-semibold">{title}</p>
        <p className="mt-1 text-fg2">{mark.say}</p>
      </div>
    </div>
  );
}

/** What is on the screen, looked at some times a second: pages, panels and cards come and go. */
function useLook(step: Step | undefined): { found: Found | null; wires: number } {
  const [look, setLook] = useState<{ found: Found | null; wires: number }>({
    found: null,
    wires: 0,
  });
  useEffect(() => {
    const see = () => {
      const seen = {
        found: step ? findMark(step) : null,
        wires: document.querySelectorAll(".react-flow__edge").length,
      };
      setLook((before) => (JSON.stringify(before) === JSON.stringify(seen) ? before : seen));
    };
    see();
    const timer = setInterval(see, LOOK_MS);
    window.addEventListener("resize", see);
    window.addEventListener("scroll", see, true);
    return () => {
      clearInterval(timer);
      window.removeEventListener("resize", see);
      window.removeEventListener("scroll", see, true);
    };
  }, [step]);
  return look;
}

/** Ticks off what is seen to be done; returns what leads to the page of a step. */
function useProgress(progress: Progress, wires: number): (step: Step | undefined) => void {
  const navigate = useNavigate();
  const person = useTour((tour) => tour.person);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { id } = useParams({ strict: false });
  const { step, tab } = useSearch({ strict: false });
  const isEditor = path.startsWith("/workflows/");
  const isRun = path.startsWith("/runs/") && id !== undefined;
  const workflow = (isEditor && id) || progress.workflow || "";
  const params = { path: { workflow_id: workflow } };
  // The editor has what is stale of it read again as it is told so.
  const { data: head, error } = useQuery({
    queryKey: [...keys.workflow(workflow), "head"],
    queryFn: () => got(api.GET("/api/v1/workflows/{workflow_id}", { params })),
    enabled: workflow !== "",
  });
  const isGone = error !== null && asError(error).status === 404 && workflow === progress.workflow;
  const isPublished = progress.workflow === workflow && Boolean(head?.current_version);
  const runs = useQuery({
    queryKey: [...keys.workflow(workflow), "runs"],
    queryFn: () => got(api.GET("/api/v1/workflows/{workflow_id}/runs", { params })),
    enabled: isPublished,
    refetchInterval: progress.done.includes("run") ? false : RUNS_MS,
  }).data;
  const run = runs?.items[0]?.id;
  useEffect(() => {
    if (isGone) keep(begun(progress.since));
  }, [isGone, progress.since]);
  useEffect(() => {
    const now = advance(progress, {
      person,
      workflow: head,
      wires: isEditor ? wires : 0,
      hasRun: run !== undefined,
      ...(isRun ? { step, tab: tab && String(tab) } : {}),
    });
    if (now !== progress) keep(now);
  }, [progress, person, head, isEditor, wires, run, isRun, step, tab]);
  return (wanted) => {
    if (run && (wanted === "step" || wanted === "read"))
      void navigate({ to: "/runs/$id", params: { id: run } });
    else if (progress.workflow && wanted !== "workflow")
      void navigate({ to: "/workflows/$id", params: { id: progress.workflow } });
    else void navigate({ to: "/workflows" });
  };
}

/** What went into a step and came out, in the last run or as pinned. */
import { Link } from "@tanstack/react-router";
import { FastForward, Pin, PinOff, Play } from "lucide-react";
import { useEffect, useState } from "react";
import type { Json } from "@/collab/types";
import { TextField } from "@/expr/text-field";
import { Button } from "@/ui/button";
import { StateChip } from "@/ui/chip";
import { upstream } from "./scope";
import { useMarks, useStudio, useView } from "./studio";
import { pin, useTrial, whyNotPinned } from "./trial";

const MOST = 100_000;

function text(value: Json | undefined): string {
  const whole = JSON.stringify(value, null, 2) ?? "";
  return whole.length > MOST ? `${whole.slice(0, MOST)}\n…` : whole;
}

export function Data({ id }: { id: string }) {
  const studio = useStudio();
  const view = useView(id);
  const seen = useMarks((marks) => marks.steps[id]);
  const pins = useMarks((marks) => marks.pins);
  const pinned = pins[id];
  const isPinned = id in pins;
  const runId = useMarks((marks) => marks.runId);
  const { runNode, runFrom, isBusy, whyNotNode } = useTrial();
  const [written, setWritten] = useState(() => text(pinned));
  const [wrong, setWrong] = useState("");
  useEffect(() => setWritten(text(pinned)), [pinned]);
  if (!view) return null;
  const why = whyNotPinned(studio, id);
  const before = upstream(studio, id);
  const missing = before.filter(
    (one) => !(one in pins) && studio.marks.getState().steps[one]?.output === undefined,
  );
  const whyAlone = whyNotNode(id);
  const take = () => {
    try {
      const read = JSON.parse(written) as Json;
      setWrong("");
      if (JSON.stringify(read) !== JSON.stringify(pinned)) pin(studio, id, read);
    } catch (error) {
      setWrong(`This is no JSON: ${(error as Error).message}. Nothing was taken over.`);
    }
  };
  return (
    <div className="flex flex-col gap-4">
      {studio.mayEdit && studio.mayRun && view.kind !== "trigger" && (
        <div className="flex flex-wrap gap-2">
          <Button
            small
            icon={Play}
            busy={isBusy}
            disabled={whyAlone !== ""}
            title={whyAlone}
            onClick={() => void runNode(id)}
          >
            Run this step
          </Button>
          {runId && (
            <Button small icon={FastForward} busy={isBusy} onClick={() => void runFrom(id)}>
              Run from here
            </Button>
          )}
        </div>
      )}
      {missing.length > 0 && (
        <p className="text-12 text-fg2">
          No data yet of {missing.slice(0, 4).join(", ")}
          {missing.length > 4 ? ` and ${missing.length - 4} more` : ""}: run the workflow, or pin
          data there.
        </p>
      )}
      <section className="flex flex-col gap-2" aria-label="Output">
        <div className="flex min-h-7 items-center gap-2">
          <h3 className="flex-1 text-13">{isPinned ? "Pinned output" : "Output"}</h3>
          {seen?.status && !isPinned && (
            <StateChip
              state={seen.status}
              note={seen.isStale ? "before the last change" : undefined}
            />
          )}
          {studio.mayEdit && !why && (
            <Button
              small
              kind="quiet"
              icon={isPinned ? PinOff : Pin}
              onClick={() => pin(studio, id, isPinned ? undefined : ((seen?.output ?? {}) as Json))}
            >
              {isPinned ? "Unpin" : "Pin"}
            </Button>
          )}
        </div>
        {isPinned ? (
          <>
            <p className="text-12 text-wait">
              Trials take this instead of running the step. Published versions ignore it.
            </p>
            <TextField
              text={written}
              label="Pinned output"
              language="json"
              isReadOnly={!studio.mayEdit}
              isInvalid={wrong !== ""}
              onChange={setWritten}
              onBlur={take}
            />
            {wrong && <p className="text-12 text-err">{wrong}</p>}
          </>
        ) : seen?.error ? (
          <p className="text-err">
            <span className="mono text-12">{seen.error.code}</span> {seen.error.message}
          </p>
        ) : seen?.output !== undefined ? (
          <pre
            tabIndex={0}
            className="mono max-h-80 overflow-auto whitespace-pre-wrap break-words rounded-control border border-line bg-bg0 p-2 text-12"
          >
            {text(seen.output)}
          </pre>
        ) : (
          <p className="text-fg3">Nothing was seen yet.</p>
        )}
        {why && studio.mayEdit && <p className="text-12 text-fg3">{why}</p>}
      </section>
      {before.length > 0 && (
        <section className="flex flex-col gap-1" aria-label="Input">
          <h3 className="text-13">What it can read</h3>
          {before.map((one) => (
            <Upstream key={one} id={one} />
          ))}
        </section>
      )}
      {runId && (
        <Link to="/runs/$id" params={{ id: runId }} className="text-accent hover:underline">
          Open the run
        </Link>
      )}
    </div>
  );
}

function Upstream({ id }: { id: string }) {
  const view = useView(id);
  const seen = useMarks((marks) => marks.steps[id]);
  const pinned = useMarks((marks) => marks.pins[id]);
  const value = pinned ?? seen?.output;
  return (
    <details className="rounded-control border border-line">
      <summary className="flex h-8 items-center gap-2 rounded-control px-2">
        <span className="mono min-w-0 flex-1 truncate text-12">steps.{id}</span>
        <span className="truncate text-12 text-fg3">
          {pinned !== undefined ? "pinned" : view?.title}
        </span>
      </summary>
      <pre className="mono max-h-60 overflow-auto whitespace-pre-wrap break-words border-t border-line p-2 text-12">
        {value === undefined ? "nothing yet" : text(value)}
      </pre>
    </details>
  );
}

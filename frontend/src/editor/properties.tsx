/** Right of the canvas: everything about the one thing that is chosen. */
import { Copy, Play, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { plain } from "@/collab/document";
import { retype } from "@/collab/retype";
import { cx } from "@/lib/classes";
import { Behaviour } from "@/nodes/behaviour";
import { ConfigField } from "@/nodes/fields";
import { fieldsOf } from "@/nodes/schema";
import { FieldFrame } from "@/nodes/shared-field";
import { fieldIn, useNodeMap } from "@/nodes/use-draft";
import { IconButton } from "@/ui/button";
import { Id } from "@/ui/copy";
import { TabPanel, Tabs } from "@/ui/tabs";
import { removeChosen, toggleDisabled } from "./actions";
import { NOTE_COLOURS } from "./canvas/note";
import { duplicate } from "./copying";
import { Data } from "./data";
import { categoryOf, NodeIcon } from "./icons";
import { type Ui, useMarks, useNote, useStudio, useUi, useView } from "./studio";
import { useTrial } from "./trial";

export function Properties() {
  const chosen = useUi((ui) => (ui.selection.length === 1 ? (ui.selection[0] as string) : ""));
  const count = useUi((ui) => ui.selection.length);
  const view = useView(chosen);
  const note = useNote(chosen);
  if (view) return <NodePanel key={chosen} id={chosen} />;
  if (note) return <NotePanel key={chosen} id={chosen} />;
  if (count > 1) return <Several count={count} />;
  return null;
}

const FRAME = "flex w-95 shrink-0 flex-col border-l border-line bg-bg1";

const TABS = [
  { id: "parameters", label: "Parameters" },
  { id: "behaviour", label: "Behaviour" },
  { id: "data", label: "Input / Output" },
  { id: "notes", label: "Notes" },
] as const;

/** What can be done to all that is chosen; `power` names the switch of steps. */
function OfChosen({ power }: { power?: string }) {
  const studio = useStudio();
  return (
    <>
      {power && (
        <>
          <IconButton
            small
            icon={Copy}
            label="Duplicate"
            keys="mod+d"
            onClick={() => duplicate(studio)}
          />
          <IconButton
            small
            icon={Power}
            label={power}
            keys="d"
            onClick={() => toggleDisabled(studio)}
          />
        </>
      )}
      <IconButton
        small
        icon={Trash2}
        label="Delete"
        keys="delete"
        onClick={() => removeChosen(studio)}
      />
    </>
  );
}

function NodePanel({ id }: { id: string }) {
  const studio = useStudio();
  const view = useView(id);
  const type = studio.catalogue.get(view?.type ?? "");
  const tab = useUi((ui) => ui.tab);
  const problems = useMarks((marks) => marks.problems).filter((one) => one.node === id);
  const { runNode, isBusy, whyNotNode } = useTrial();
  if (!view) return null;
  const why = whyNotNode(id);
  return (
    <aside
      aria-label={`Properties of ${view.title}`}
      data-properties
      className={FRAME}
      onKeyDown={(event) => {
        // Back to the card.
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        studio.canvas.current?.reveal([id]);
      }}
    >
      <header className="flex flex-col gap-1 px-4 pb-2 pt-3">
        <div className="flex items-center gap-2">
          <span className={categoryOf(view.category).text}>
            <NodeIcon name={view.icon} />
          </span>
          <Title id={id} title={view.title} />
          {studio.mayEdit && (
            <>
              {studio.mayRun && view.kind !== "trigger" && (
                <IconButton
                  small
                  icon={Play}
                  label={why || "Run this step alone"}
                  disabled={isBusy || why !== ""}
                  onClick={() => void runNode(id)}
                />
              )}
              <OfChosen power={view.disabled ? "Switch on" : "Switch off"} />
            </>
          )}
        </div>
        <div className="flex items-center gap-2 pl-6 text-12 text-fg3">
          <span>{type?.title ?? view.type}</span>
          <span aria-hidden>·</span>
          <Id of={id} what="the step's id" length={28} />
        </div>
      </header>
      <Tabs
        tabs={TABS.map((one) => ({
          ...one,
          ...(one.id === "parameters" && problems.length ? { count: problems.length } : {}),
        }))}
        value={tab}
        onChange={(next) => studio.ui.setState({ tab: next as Ui["tab"] })}
        label="About the step"
        className="flex-1 [&>[role=tablist]]:px-4"
      >
        <TabPanel id="parameters" className="overflow-y-auto p-4">
          {type ? (
            <Parameters id={id} />
          ) : (
            <p className="text-fg2">There is no step type {view.type} in this installation.</p>
          )}
        </TabPanel>
        <TabPanel id="behaviour" className="overflow-y-auto p-4">
          {type && <Behaviour node={id} type={type} />}
        </TabPanel>
        <TabPanel id="data" className="overflow-y-auto p-4">
          <Data id={id} />
        </TabPanel>
        <TabPanel id="notes" className="overflow-y-auto p-4">
          <Description id={id} />
        </TabPanel>
      </Tabs>
    </aside>
  );
}

function Title({ id, title }: { id: string; title: string }) {
  const studio = useStudio();
  const [written, setWritten] = useState<string | null>(null);
  if (!studio.mayEdit) return <h2 className="min-w-0 flex-1 truncate text-14">{title}</h2>;
  const take = () => {
    if (written?.trim() && written !== title)
      studio.draft.edits.set(id, "node", "name", written.trim().slice(0, 200));
    setWritten(null);
  };
  return (
    <input
      aria-label="Title of the step"
      className="-ml-1 h-7 min-w-0 flex-1 rounded-control border border-transparent bg-transparent px-1 text-14 font-semibold hover:border-line2 focus:border-line2 focus:bg-bg0"
      value={written ?? title}
      onChange={(event) => setWritten(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setWritten(null);
      }}
    />
  );
}

function Parameters({ id }: { id: string }) {
  const studio = useStudio();
  const view = useView(id);
  const type = studio.catalogue.get(view?.type ?? "");
  const [hasMore, setMore] = useState(false);
  const problems = useMarks((marks) => marks.problems).filter(
    (one) =>
      one.node === id &&
      !/\/(config\/.+|retry|timeout|queue|on_error|compensate|join)/.test(one.path),
  );
  if (!type) return null;
  const fields = fieldsOf(type);
  const usual = fields.filter((field) => !field.advanced);
  const more = fields.filter((field) => field.advanced);
  return (
    <div className="flex flex-col gap-4">
      {problems.length > 0 && (
        <ul className="flex flex-col gap-1 border-l-2 border-err pl-3 text-12">
          {problems.map((one) => (
            <li key={`${one.code}${one.path}`}>
              <span className="text-err">{one.message}.</span>{" "}
              <span className="text-fg2">{one.advice}</span>
            </li>
          ))}
        </ul>
      )}
      {usual.map((field) => (
        <ConfigField key={field.name} node={id} type={type} field={field} />
      ))}
      {!fields.length && <p className="text-fg2">{type.help.split("\n\n")[0]}</p>}
      {more.length > 0 && (
        <button
          type="button"
          aria-expanded={hasMore}
          onClick={() => setMore(!hasMore)}
          className="self-start rounded-control text-fg2 hover:text-fg"
        >
          {hasMore ? "Less" : "More"}
        </button>
      )}
      {hasMore &&
        more.map((field) => <ConfigField key={field.name} node={id} type={type} field={field} />)}
      {fields.length > 0 && (
        <details className="text-12 text-fg2">
          <summary className="rounded-control text-fg3 hover:text-fg">About {type.title}</summary>
          <p className="mt-2 whitespace-pre-line">
            {type.help.replace(/([^\n])\n([^\n])/g, "$1 $2")}
          </p>
        </details>
      )}
    </div>
  );
}

function Description({ id }: { id: string }) {
  const studio = useStudio();
  const map = useNodeMap(id);
  const value = fieldIn(map, "node", "description");
  const text = String(plain(value) ?? "");
  const { edits } = studio.draft;
  const write = (next: string) => retype(edits, edits.text(id, "node", "description"), next);
  return (
    <FieldFrame label="What it is for" help="For people; runs do not read it.">
      {({ id: field }) => (
        <textarea
          id={field}
          className="field h-auto min-h-40 resize-y py-1.5"
          disabled={!studio.mayEdit}
          value={text}
          onChange={(event) => write(event.target.value)}
        />
      )}
    </FieldFrame>
  );
}

function NotePanel({ id }: { id: string }) {
  const studio = useStudio();
  const note = useNote(id);
  if (!note) return null;
  return (
    <aside aria-label="Properties of the note" data-properties className={FRAME}>
      <header className="flex items-center gap-2 px-4 pb-2 pt-3">
        <h2 className="flex-1 text-14">Note</h2>
        {studio.mayEdit && <OfChosen />}
      </header>
      <div className="flex flex-col gap-4 overflow-y-auto p-4">
        <FieldFrame label="Text">
          {({ id: field }) => (
            <textarea
              id={field}
              className="field h-auto min-h-40 resize-y py-1.5"
              disabled={!studio.mayEdit}
              value={note.text}
              onChange={(event) =>
                retype(studio.draft.edits, studio.draft.edits.noteText(id), event.target.value)
              }
            />
          )}
        </FieldFrame>
        <FieldFrame label="Colour">
          {() => (
            <div className="flex gap-2" role="radiogroup" aria-label="Colour">
              {Object.keys(NOTE_COLOURS).map((name) => (
                // biome-ignore lint/a11y/useSemanticElements: a swatch
                <button
                  key={name}
                  type="button"
                  role="radio"
                  aria-checked={note.color === name}
                  aria-label={name}
                  disabled={!studio.mayEdit}
                  onClick={() => studio.draft.edits.setNote(id, { color: name })}
                  className={cx(
                    "size-7 rounded-control border-2",
                    NOTE_COLOURS[name],
                    note.color === name && "outline-2 outline-accent outline-offset-2",
                  )}
                />
              ))}
            </div>
          )}
        </FieldFrame>
      </div>
    </aside>
  );
}

function Several({ count }: { count: number }) {
  const studio = useStudio();
  return (
    <aside aria-label="Properties of what is chosen" data-properties className={FRAME}>
      <header className="flex items-center gap-2 px-4 pb-2 pt-3">
        <h2 className="flex-1 text-14">{count} chosen</h2>
        {studio.mayEdit && <OfChosen power="Switch on or off" />}
      </header>
      <p className="px-4 text-fg2">Drag them together, or move them by Alt and the arrow keys.</p>
    </aside>
  );
}

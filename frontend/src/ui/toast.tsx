/** What happened elsewhere or just now, for a few seconds at the lower right. */
import { X } from "lucide-react";
import { useEffect } from "react";
import { create } from "zustand";
import { IconButton } from "./button";

interface Note {
  id: number;
  text: string;
  tone: "plain" | "err";
  action?: { label: string; run: () => void } | undefined;
}

const useNotes = create<{ notes: Note[] }>(() => ({ notes: [] }));
let next = 0;

/** Tell something that needs no answer. */
export function tell(text: string, action?: Note["action"]): void {
  add({ text, tone: "plain", action });
}

/** Tell what did not work. */
export function tellError(error: { message: string }): void {
  add({ text: error.message, tone: "err" });
}

function add(note: Omit<Note, "id">): void {
  next += 1;
  const id = next;
  useNotes.setState(({ notes }) => ({ notes: [...notes.slice(-3), { ...note, id }] }));
}

function remove(id: number): void {
  useNotes.setState(({ notes }) => ({ notes: notes.filter((note) => note.id !== id) }));
}

const STAYS_MS = 6_000;

/** The place where they appear; readers are told of each as it comes. */
export function Toasts() {
  const notes = useNotes((state) => state.notes);
  return (
    <section
      aria-label="What happened"
      aria-live="polite"
      className="fixed bottom-4 right-4 z-60 in-[html:has([data-foot])]:bottom-15 flex w-90 max-w-[calc(100vw-32px)] flex-col gap-2"
    >
      {notes.map((note) => (
        <One key={note.id} note={note} />
      ))}
    </section>
  );
}

function One({ note }: { note: Note }) {
  const { id } = note;
  useEffect(() => {
    const timer = setTimeout(() => remove(id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <div
      role={note.tone === "err" ? "alert" : undefined}
      className={`flex items-center gap-3 rounded-panel border-l-3 bg-bg1 py-2 pl-4 pr-2 shadow-float ${note.tone === "err" ? "border-err" : "border-accent"}`}
    >
      <p className="min-w-0 flex-1 text-fg">{note.text}</p>
      {note.action && (
        <button
          type="button"
          onClick={() => {
            note.action?.run();
            remove(id);
          }}
          className="rounded-control px-2 py-1 font-medium text-accent hover:bg-bg2"
        >
          {note.action.label}
        </button>
      )}
      <IconButton small icon={X} label="Dismiss" onClick={() => remove(id)} />
    </div>
  );
}

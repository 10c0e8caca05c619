/** What happened elsewhere or just now, for a few seconds at the lower right. */
import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
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

export function Toasts() {
  const notes = useNotes((state) => state.notes);
  return (
    <Radix.Provider duration={6000}>
      {notes.map((note) => (
        <Radix.Root
          key={note.id}
          type={note.tone === "err" ? "foreground" : "background"}
          onOpenChange={(open) => !open && remove(note.id)}
          className={`flex items-center gap-3 rounded-panel border-l-3 bg-bg1 py-2 pl-4 pr-2 shadow-float ${note.tone === "err" ? "border-err" : "border-accent"}`}
        >
          <Radix.Description className="min-w-0 flex-1 text-fg">{note.text}</Radix.Description>
          {note.action && (
            <Radix.Action asChild altText={note.action.label}>
              <button
                type="button"
                onClick={note.action.run}
                className="rounded-control px-2 py-1 font-medium text-accent hover:bg-bg2"
              >
                {note.action.label}
              </button>
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <IconButton small icon={X} label="Dismiss" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed bottom-4 right-4 z-60 flex w-90 max-w-[calc(100vw-32px)] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}

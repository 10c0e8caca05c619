/** The editor's commands: in the palette of commands and the list of shortcuts. */
import { useMemo } from "react";
import { useStore } from "zustand";
import { type Command, useCommands } from "@/app/commands";
import {
  addNode,
  addNote,
  nextPlace,
  redo,
  removeChosen,
  selectAll,
  toggleDisabled,
  undo,
} from "./actions";
import { seldom } from "./seldom";
import { choose, type Studio } from "./studio";

const GROUP = "Editor";

export function useEditorCommands(studio: Studio): void {
  const nodes = useStore(studio.draft.projection.views, (views) => views.nodes);
  const own = useMemo(() => commands(studio), [studio]);
  const jumps = useMemo(
    () =>
      Object.values(nodes).map(
        (view): Command => ({
          id: `node.${view.id}`,
          title: view.title,
          group: "Steps of this workflow",
          words: `${view.id} ${view.type}`,
          run: () => {
            choose(studio, [view.id]);
            studio.canvas.current?.reveal([view.id]);
          },
        }),
      ),
    [nodes, studio],
  );
  useCommands(own);
  useCommands(jumps);
}

function commands(studio: Studio): Command[] {
  const { ui } = studio;
  const command = (
    id: string,
    title: string,
    run: () => void,
    keys?: string,
    words?: string,
  ): Command => ({
    id: `editor.${id}`,
    title,
    group: GROUP,
    run,
    ...(keys ? { keys } : {}),
    ...(words ? { words } : {}),
  });
  const looking = [
    command("all", "Choose everything", () => selectAll(studio), "mod+a"),
    command("fit", "Show everything", () => studio.canvas.current?.fit(), "shift+1", "zoom fit"),
    {
      ...command("fit2", "Show everything", () => studio.canvas.current?.fit(), "!"),
      hidden: true,
    },
    command("in", "Zoom in", () => studio.canvas.current?.zoomBy(1.25), "+"),
    command("out", "Zoom out", () => studio.canvas.current?.zoomBy(1 / 1.25), "-"),
    command(
      "map",
      "Show or hide the map",
      () => ui.setState(({ hasMap }) => ({ hasMap: !hasMap })),
      "m",
    ),
    command(
      "side",
      "Show or hide the palette",
      () => ui.setState(({ isPaletteOpen }) => ({ isPaletteOpen: !isPaletteOpen })),
      "[",
    ),
    command(
      "outline",
      "Show the outline",
      () => ui.setState({ isPaletteOpen: true, side: "outline" }),
      "o",
    ),
    command("problems", "Show the problems", () => ui.setState({ panel: "problems" }), "p"),
    command(
      "versions",
      "Show the versions",
      () => ui.setState({ panel: "versions" }),
      "h",
      "history diff rollback",
    ),
    command(
      "settings",
      "Settings of the workflow",
      () => ui.setState({ panel: "settings" }),
      ",",
      "name input schema variables",
    ),
    command("canvas", "Go to the canvas", () => focusCanvas(studio), "f"),
    command(
      "json",
      "Export as JSON",
      () => void seldom(({ exportDraft }) => exportDraft(studio, "json")),
    ),
    command(
      "yaml",
      "Export as YAML",
      () => void seldom(({ exportDraft }) => exportDraft(studio, "yaml")),
    ),
    command("none", "Choose nothing", () => choose(studio, []), "escape"),
    ...(studio.mayRun
      ? [
          command(
            "run",
            studio.mayEdit ? "Try it out" : "Run what is published",
            () => ui.setState({ panel: "run" }),
            "r",
            "run test sample start",
          ),
        ]
      : []),
  ];
  if (!studio.mayEdit) return looking;
  const types = [...studio.catalogue.values()].map((type) =>
    command(
      `add.${type.type}`,
      `Add ${type.title}`,
      () => {
        const id = addNode(studio, type, nextPlace(studio, type));
        if (id) studio.canvas.current?.reveal([id]);
      },
      undefined,
      `${type.type} ${type.category}`,
    ),
  );
  return [
    command("undo", "Undo", () => undo(studio), "mod+z"),
    command("redo", "Redo", () => redo(studio), "mod+shift+z"),
    { ...command("redo2", "Redo", () => redo(studio), "mod+y"), hidden: true },
    command(
      "add",
      "Add a step behind the chosen one",
      () => openChooser(studio),
      "a",
      "insert new node",
    ),
    command("connect", "Connect the chosen step", () => startConnecting(studio), "c", "edge link"),
    command("note", "Add a note", () => addNote(studio), "n"),
    command(
      "duplicate",
      "Duplicate",
      () => void seldom(({ duplicate }) => duplicate(studio)),
      "mod+d",
    ),
    command("delete", "Delete what is chosen", () => removeChosen(studio), "delete"),
    {
      ...command("delete2", "Delete what is chosen", () => removeChosen(studio), "backspace"),
      hidden: true,
    },
    command("disable", "Switch what is chosen on or off", () => toggleDisabled(studio), "d"),
    command(
      "tidy",
      "Tidy up",
      () => void seldom(({ tidyUp }) => tidyUp(studio)),
      "t",
      "layout arrange",
    ),
    command("publish", "Publish", () => publishOrProblems(studio), "mod+enter"),
    command(
      "import",
      "Import a file",
      () => void seldom(({ chooseImport }) => chooseImport(studio)),
      undefined,
      "json yaml upload",
    ),
    ...looking,
    ...types,
  ];
}

function publishOrProblems(studio: Studio): void {
  if (studio.marks.getState().problems.length) studio.ui.setState({ panel: "problems" });
  else studio.ui.setState({ isPublishing: true });
}

/** The card that keys go to, or the first. */
function focusCanvas(studio: Studio): void {
  const { focused } = studio.ui.getState();
  const nodes = studio.draft.projection.views.getState().nodes;
  const id = focused in nodes ? focused : Object.keys(nodes)[0];
  if (!id) return;
  studio.ui.setState({ focused: id });
  studio.canvas.current?.reveal([id]);
}

function middleOf(id: string): { x: number; y: number } {
  const box = document.querySelector(`[data-card="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  return box
    ? { x: box.right + 16, y: box.top }
    : { x: window.innerWidth / 2 - 140, y: window.innerHeight / 3 };
}

function openChooser(studio: Studio): void {
  const { selection, focused } = studio.ui.getState();
  if (!selection.length && focused) choose(studio, [focused]);
  const id = selection[0] ?? focused;
  studio.ui.setState({ chooser: { place: nextPlace(studio), ...middleOf(id) } });
}

function startConnecting(studio: Studio): void {
  const { selection, focused } = studio.ui.getState();
  const source = selection[0] ?? focused;
  if (source && studio.draft.projection.views.getState().nodes[source]?.ports.length)
    studio.ui.setState({ connecting: { source } });
}

/** What the parts of one open editor share: the draft, what is chosen, what the server thinks. */
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Schemas } from "@/api/client";
import type { Company } from "@/collab/presence";
import type { Catalogue, NodeView, NoteView } from "@/collab/projection";
import type { Draft } from "@/collab/session";
import type { DraftEdge, Json, Position } from "@/collab/types";

export type Problem = Schemas["Problem"];

/** Where a new node goes: behind a port, onto an edge, into a container, or just there. */
export interface Place {
  at: Position;
  parent?: string;
  section?: string;
  from?: { source: string; port: string };
  on?: DraftEdge;
}

export type Panel = "problems" | "versions" | "run" | "settings" | null;

export interface Ui {
  /** Ids of nodes, edges and notes. */
  selection: readonly string[];
  /** The card that keys go to. */
  focused: string;
  panel: Panel;
  isPaletteOpen: boolean;
  side: "palette" | "outline";
  hasMap: boolean;
  /** The chooser of types, at a place of the window. */
  chooser: { place: Place; x: number; y: number } | null;
  connecting: { source: string } | null;
  /** The pane and section a drag would drop into. */
  dropping: { parent: string; section: string } | null;
  isPublishing: boolean;
  tab: "parameters" | "behaviour" | "data" | "notes";
  isDragging: boolean;
}

export interface StepSeen {
  status: string;
  output?: Json;
  input?: Json;
  error?: { code?: string; message?: string } | null;
  /** Seen in a run of the draft as it was before the last change of this node. */
  isStale?: boolean;
}

export interface Marks {
  problems: readonly Problem[];
  warnings: readonly Problem[];
  byNode: Readonly<Record<string, { errors: number; warnings: number }>>;
  isChecking: boolean;
  /** The draft was checked as it stands. */
  isChecked: boolean;
  pins: Readonly<Record<string, Json>>;
  runId: string;
  runStatus: string;
  steps: Readonly<Record<string, StepSeen>>;
  input: Json | undefined;
  trigger: Json | undefined;
}

export const hasEnded = (status: string) => /^(succeeded|failed|cancelled)$/.test(status);

/** Whether the run that was begun here still goes on. */
export const isUnderWay = ({ runId, runStatus }: Marks) =>
  runId !== "" && runStatus !== "" && !hasEnded(runStatus);

export interface CanvasActions {
  /** The place of the canvas under a place of the window. */
  toCanvas: (point: Position) => Position;
  centre: () => Position;
  reveal: (ids: readonly string[]) => void;
  fit: () => void;
  zoomBy: (factor: number) => void;
  pointer: () => Position | null;
}

export interface Studio {
  workflow: string;
  draft: Draft;
  catalogue: Catalogue;
  ui: StoreApi<Ui>;
  marks: StoreApi<Marks>;
  mayEdit: boolean;
  mayRun: boolean;
  canvas: { current: CanvasActions | null };
}

export const StudioContext = createContext<Studio | null>(null);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error("There is no editor around this.");
  return studio;
}

export function newUi(): StoreApi<Ui> {
  return createStore<Ui>(() => ({
    selection: [],
    focused: "",
    panel: null,
    isPaletteOpen: true,
    side: "palette",
    hasMap: true,
    chooser: null,
    connecting: null,
    dropping: null,
    isPublishing: false,
    tab: "parameters",
    isDragging: false,
  }));
}

export function newMarks(): StoreApi<Marks> {
  return createStore<Marks>(() => ({
    problems: [],
    warnings: [],
    byNode: {},
    isChecking: false,
    isChecked: false,
    pins: {},
    runId: "",
    runStatus: "",
    steps: {},
    input: undefined,
    trigger: undefined,
  }));
}

export function useUi<T>(pick: (ui: Ui) => T): T {
  return useStore(useStudio().ui, pick);
}

export function useMarks<T>(pick: (marks: Marks) => T): T {
  return useStore(useStudio().marks, pick);
}

export function useView(id: string): NodeView | undefined {
  return useStore(useStudio().draft.projection.views, (views) => views.nodes[id]);
}

export function useNote(id: string): NoteView | undefined {
  return useStore(useStudio().draft.projection.views, (views) => views.notes[id]);
}

export function useCompany<T>(pick: (company: Company) => T): T {
  return useStore(useStudio().draft.presence.company, pick);
}

/** Choose these, and let the others see it. */
export function choose(studio: Studio, selection: readonly string[]): void {
  const before = studio.ui.getState().selection;
  if (before.length === selection.length && before.every((id, index) => id === selection[index]))
    return;
  const focused = selection.length === 1 ? selection[0] : undefined;
  studio.ui.setState({ selection, ...(focused ? { focused } : {}) });
  studio.draft.presence.say({ selection });
}

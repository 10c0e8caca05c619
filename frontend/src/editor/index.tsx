/** The editor of one workflow: opens its draft and puts the parts around it. */
import { Link, useParams } from "@tanstack/react-router";
import {
  ChevronRight,
  Download,
  Ellipsis,
  History,
  LayoutGrid,
  Play,
  Settings2,
  Upload,
  Workflow,
} from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { api, asError, got } from "@/api/client";
import { queries } from "@/api/queries";
import { useMay, useMe } from "@/api/session";
import { late } from "@/app/late";
import { useTitle } from "@/app/page";
import { BarActions, BarWhere } from "@/app/slots";
import type { Catalogue } from "@/collab/projection";
import { type Draft, openDraft } from "@/collab/session";
import { preloadEditor } from "@/expr/text-field";
import { shapeOf } from "@/nodes/schema";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Empty, Failed, Loading, type Told } from "@/ui/states";
import { removeChosen } from "./actions";
import { readDocument } from "./api";
import { Canvas } from "./canvas/canvas";
import { catalogueQuery } from "./catalogue";
import { useChecking } from "./checking";
import { useEditorCommands } from "./commands";
import { loadPins } from "./pins";
import { PresenceBar } from "./presence-bar";
import { PublishButton, useNotices } from "./publish-button";
import { type Panels, seldom } from "./seldom";
import { Sidebar } from "./sidebar";
import { Strip } from "./strip";
import {
  isUnderWay,
  newMarks,
  newUi,
  type Studio,
  StudioContext,
  useMarks,
  useStudio,
} from "./studio";
import "./editor.css";

const Chooser = late(async () => (await import("./panels")).Chooser);
const Connector = late(async () => (await import("./panels")).Connector);
const Drawer = late(async () => (await import("./panels")).Drawer);
const LastRun = late(async () => (await import("./panels")).LastRun);
const Properties = late(async () => (await import("./panels")).Properties);
const SettingsSheet = late(async () => (await import("./panels")).SettingsSheet);
const VersionsSheet = late(async () => (await import("./panels")).VersionsSheet);

export default function EditorPage() {
  const { id } = useParams({ from: "/inside/workflows/$id" });
  return <Editor key={id} id={id} />;
}

function Editor({ id }: { id: string }) {
  const me = useMe();
  const [opened, setOpened] = useState<{ draft: Draft; catalogue: Catalogue } | null>(null);
  const [error, setError] = useState<Told | null>(null);
  const [times, setTimes] = useState(0);
  const user = (me as { id?: string } | undefined)?.id ?? "";

  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` opens it anew
  useEffect(() => {
    if (!user) return;
    let isOver = false;
    let close = () => {};
    // Asked at once with the types of steps, which opening waits for as well.
    const document = readDocument(id);
    document.catch(() => {});
    const open = async () => {
      const catalogue = await queries.ensureQueryData(catalogueQuery);
      const draft = await openDraft(
        {
          workflow: id,
          user,
          catalogue,
          shapeOf: (type) => shapeOf(catalogue.get(type)),
          epochOf: async () => (await document).epoch,
          renew: async () => {
            const who = await got(api.GET("/api/v1/auth/me")).catch(() => null);
            return who !== null;
          },
        },
        () => setTimes((before) => before + 1),
      );
      if (isOver) draft.close();
      else setOpened({ draft, catalogue });
      close = draft.close;
    };
    open().catch((thrown: unknown) => !isOver && setError(asError(thrown)));
    preloadEditor();
    return () => {
      isOver = true;
      close();
      setOpened(null);
    };
  }, [id, user, times]);

  if (error) {
    return (
      <div className="px-6 pt-4">
        <BarWhere>
          <Link to="/workflows" className="text-fg2 hover:text-fg">
            Workflows
          </Link>
        </BarWhere>
        <Failed error={error} retry={() => window.location.reload()} />
      </div>
    );
  }
  if (!opened) return <Opening />;
  return <Opened key={`${id}/${times}`} id={id} {...opened} />;
}

function Opening() {
  return (
    <div className="grid h-full grid-cols-[260px_1fr]">
      <div className="border-r border-line bg-bg1 p-3">
        <Loading rows={8} what="Opening the draft" />
      </div>
      <div />
    </div>
  );
}

function Opened({ id, draft, catalogue }: { id: string; draft: Draft; catalogue: Catalogue }) {
  const isLoaded = useStore(draft.connection, (connection) => connection.isLoaded);
  const isReadOnly = useStore(
    draft.connection,
    (connection) => connection.phase === "online" && connection.isReadOnly,
  );
  const mayWrite = useMay("workflows:write");
  const mayRun = useMay("runs:start");
  const mayEdit = mayWrite && !isReadOnly;
  const parts = useMemo(() => ({ ui: newUi(), marks: newMarks(), canvas: { current: null } }), []);
  const studio = useMemo<Studio>(
    () => ({ workflow: id, draft, catalogue, mayEdit, mayRun, ...parts }),
    [id, draft, catalogue, mayEdit, mayRun, parts],
  );
  const error = useStore(draft.connection, (connection) =>
    connection.phase === "over" && !connection.isLoaded ? connection.reason : "",
  );
  if (error) {
    return (
      <div className="px-6 pt-4">
        <Failed error={{ message: error }} />
      </div>
    );
  }
  if (!isLoaded) return <Opening />;
  return (
    <StudioContext value={studio}>
      <Frame studio={studio} />
    </StudioContext>
  );
}

function Frame({ studio }: { studio: Studio }) {
  const name = useStore(studio.draft.projection.views, (views) => views.name);
  const isEmpty = useStore(studio.draft.projection.graph, (graph) => graph.nodes.length === 0);
  useTitle(name);
  useNotices();
  useChecking(studio);
  useEditorCommands(studio);
  useClipboard(studio);
  useEffect(() => loadPins(studio), [studio]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <BarWhere>
        <Link to="/workflows" className="shrink-0 text-fg2 hover:text-fg">
          Workflows
        </Link>
        <ChevronRight size={14} strokeWidth={1.5} aria-hidden className="shrink-0 text-fg3" />
        <h1 className="truncate text-13 font-medium">{name || "Untitled"}</h1>
      </BarWhere>
      <BarActions>
        <Actions />
      </BarActions>
      <div className="flex min-h-0 flex-1">
        <Sidebar />
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1">
            <Canvas />
            {isEmpty && <Begin />}
          </div>
          <Drawer />
        </div>
        <Properties />
      </div>
      <Strip />
      <LastRun />
      <Chooser />
      <Connector />
      <VersionsSheet />
      <SettingsSheet />
    </div>
  );
}

function Begin() {
  const studio = useStudio();
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center">
      <div className="pointer-events-auto">
        <Empty icon={Workflow} title="Nothing is drawn yet">
          {studio.mayEdit
            ? "Begin with a trigger from the left: a webhook, a schedule, or a manual start. Drag it here, or press Enter on it."
            : "Whoever may edit this workflow has not begun."}
        </Empty>
      </div>
    </div>
  );
}

function Actions() {
  const studio = useStudio();
  const isRunning = useMarks(isUnderWay);
  const { ui } = studio;
  const exportAs = (form: "json" | "yaml") =>
    void seldom(({ exportDraft }) => exportDraft(studio, form));
  return (
    <>
      <PresenceBar />
      {studio.mayEdit && (
        <IconButton
          icon={LayoutGrid}
          label="Tidy up"
          keys="t"
          onClick={() => void seldom(({ tidyUp }) => tidyUp(studio))}
        />
      )}
      <IconButton
        icon={History}
        label="Versions"
        keys="h"
        onClick={() => ui.setState({ panel: "versions" })}
      />
      <Menu
        trigger={<IconButton icon={Ellipsis} label="More about the workflow" />}
        items={[
          {
            label: "Settings",
            icon: Settings2,
            keys: ",",
            onSelect: () => ui.setState({ panel: "settings" }),
          },
          "line",
          { label: "Export as JSON", icon: Download, onSelect: () => exportAs("json") },
          { label: "Export as YAML", icon: Download, onSelect: () => exportAs("yaml") },
          ...(studio.mayEdit
            ? [
                {
                  label: "Import a file",
                  icon: Upload,
                  onSelect: () => void seldom(({ chooseImport }) => chooseImport(studio)),
                },
              ]
            : []),
        ]}
      />
      {studio.mayRun && (
        <Button
          icon={Play}
          data-tour="try"
          busy={isRunning}
          onClick={() => ui.setState(({ panel }) => ({ panel: panel === "run" ? null : "run" }))}
        >
          {studio.mayEdit ? "Try it out" : "Run"}
        </Button>
      )}
      {studio.mayEdit && <PublishButton />}
    </>
  );
}

/** Copy, cut and paste as JSON, unless somebody is writing. */
function useClipboard(studio: Studio): void {
  useEffect(() => {
    let panels: Panels | undefined;
    void seldom((found) => {
      panels = found;
    });
    const isElsewhere = (event: ClipboardEvent) => {
      const target = event.composedPath()[0];
      if (
        target instanceof HTMLElement &&
        (target.isContentEditable || target.matches("input, textarea, select"))
      )
        return true;
      const chosen = window.getSelection();
      return event.type !== "paste" && chosen !== null && !chosen.isCollapsed;
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isElsewhere(event)) return;
      if (!panels) {
        // A clipboard takes nothing later: once more, when there is what writes it.
        void seldom(() => document.execCommand(event.type));
        return;
      }
      const text = panels.copyText(studio);
      if (!text) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
      event.clipboardData?.setData("application/json", text);
      if (event.type === "cut" && studio.mayEdit) removeChosen(studio);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isElsewhere(event)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const at = studio.canvas.current?.pointer() ?? null;
      void seldom(({ pasteText }) => pasteText(studio, text, at));
    };
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [studio]);
}

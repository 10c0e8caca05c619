/** Connecting by keys: from a port of the chosen step to one of those it may lead to. */
import { useMemo, useState } from "react";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { connect, reachable } from "./actions";
import { NodeIcon } from "./icons";
import { useStudio, useUi, useView } from "./studio";

export function Connector() {
  const connecting = useUi((ui) => ui.connecting);
  return connecting ? <Inside source={connecting.source} /> : null;
}

function Inside({ source }: { source: string }) {
  const studio = useStudio();
  const view = useView(source);
  const [port, setPort] = useState(view?.ports[0] ?? "out");
  const targets = useMemo(() => reachable(studio, source, port), [studio, source, port]);
  const close = () => {
    studio.ui.setState({ connecting: null });
    requestAnimationFrame(() => studio.canvas.current?.reveal([source]));
  };
  if (!view) return null;
  return (
    <Dialog open onOpenChange={close} size="small" title={`Connect ${view.title}`}>
      <div className="flex flex-col gap-3 pb-3">
        {view.ports.length > 1 && (
          <Field label="From its port">
            <Select
              value={port}
              options={view.ports.map((one) => ({ value: one, label: one }))}
              onChange={setPort}
            />
          </Field>
        )}
        <ul aria-label="Leads to" className="flex flex-col">
          {targets.map((target) => (
            <li key={target.id}>
              <button
                type="button"
                onClick={() => {
                  connect(studio, { source, source_port: port, target: target.id });
                  close();
                }}
                className="flex h-9 w-full items-center gap-2 rounded-control px-2 text-left hover:bg-bg2"
              >
                <NodeIcon name={target.icon} />
                <span className="flex-1 truncate">{target.title}</span>
                <span className="mono text-12 text-fg3">{target.id}</span>
              </button>
            </li>
          ))}
        </ul>
        {!targets.length && (
          <p className="text-fg2">There is nothing it could lead to. Add a step first.</p>
        )}
      </div>
    </Dialog>
  );
}

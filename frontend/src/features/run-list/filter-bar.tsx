/** What the list of runs is narrowed by: search, a button for each kind, chips that can be removed. */
import { ListFilter } from "lucide-react";
import { useEffect, useState } from "react";
import { sent } from "@/lib/forms";
import { SearchBox } from "@/parts/listed";
import { Button } from "@/ui/button";
import { FilterChip } from "@/ui/chip";
import { Input } from "@/ui/field";
import { Menu } from "@/ui/menu";
import { Popover } from "@/ui/popover";
import { Select } from "@/ui/select";
import {
  type Filters,
  isNarrowed,
  pairs,
  SPANS,
  STATUSES,
  TRIGGERS,
  without,
  withWord,
} from "./filters";
import { useWorkflowName } from "./run-list";

const PAUSE_MS = 250;

export function FilterBar({ filters, set }: { filters: Filters; set: (next: Filters) => void }) {
  const [text, setText] = useState(filters.q ?? "");
  const workflow = useWorkflowName(filters.workflow_id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing alone is waited for
  useEffect(() => {
    if (text === (filters.q ?? "")) return;
    const timer = setTimeout(() => set({ ...filters, q: text || undefined }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const words = (name: "status" | "trigger") => (filters[name] ?? "").split(",").filter(Boolean);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox
        label="Find by run or workflow"
        placeholder="Run id, or name of a workflow"
        value={text}
        onChange={setText}
      />
      <Menu
        align="start"
        trigger={<Button icon={ListFilter}>State</Button>}
        items={STATUSES.map((status) => ({
          label: status,
          checked: words("status").includes(status),
          onSelect: () =>
            set(
              words("status").includes(status)
                ? without(filters, "status", status)
                : withWord(filters, "status", status),
            ),
        }))}
      />
      <Menu
        align="start"
        trigger={<Button icon={ListFilter}>Started by</Button>}
        items={TRIGGERS.map((trigger) => ({
          label: trigger,
          checked: words("trigger").includes(trigger),
          onSelect: () =>
            set(
              words("trigger").includes(trigger)
                ? without(filters, "trigger", trigger)
                : withWord(filters, "trigger", trigger),
            ),
        }))}
      />
      <Pair name="label" title="Label" filters={filters} set={set} />
      <Pair name="search" title="Attribute" filters={filters} set={set} />
      <Select
        aria-label="When it started"
        className="!w-40"
        value={
          SPANS.some((span) => span.value === filters.started_from)
            ? (filters.started_from ?? "")
            : ""
        }
        onChange={(value) => set({ ...filters, started_from: value || undefined })}
        options={SPANS}
      />
      {words("status").map((status) => (
        <FilterChip
          key={status}
          name="State"
          value={status}
          onRemove={() => set(without(filters, "status", status))}
        />
      ))}
      {words("trigger").map((trigger) => (
        <FilterChip
          key={trigger}
          name="Started by"
          value={trigger}
          onRemove={() => set(without(filters, "trigger", trigger))}
        />
      ))}
      {filters.workflow_id && (
        <FilterChip
          name="Workflow"
          value={workflow}
          onRemove={() => set(without(filters, "workflow_id"))}
        />
      )}
      {(["label", "search"] as const).flatMap((kind) =>
        pairs(filters[kind]).map(([name, value]) => (
          <FilterChip
            key={`${kind} ${name}`}
            name={name}
            value={value}
            onRemove={() => set(without(filters, kind, `${name}=${value}`))}
          />
        )),
      )}
      {isNarrowed(filters) && (
        <Button
          kind="quiet"
          onClick={() => {
            setText("");
            set({ sort: filters.sort });
          }}
        >
          Clear
        </Button>
      )}
    </div>
  );
}

function Pair({
  name,
  title,
  filters,
  set,
}: {
  name: "label" | "search";
  title: string;
  filters: Filters;
  set: (next: Filters) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label={`Narrow by ${title.toLowerCase()}`}
      open={open}
      onOpenChange={setOpen}
      trigger={<Button icon={ListFilter}>{title}</Button>}
    >
      <form
        className="flex items-center gap-2"
        onSubmit={sent(({ key, value }) => {
          set(withWord(filters, name, `${key?.trim()}=${value?.trim()}`));
          setOpen(false);
        })}
      >
        <Input
          name="key"
          aria-label="Name"
          placeholder="Name"
          required
          pattern="[^=,]+"
          className="w-32"
        />
        <Input
          name="value"
          aria-label="Value"
          placeholder="Value"
          required
          pattern="[^,]+"
          className="w-32"
        />
        <Button type="submit">Add</Button>
      </form>
    </Popover>
  );
}

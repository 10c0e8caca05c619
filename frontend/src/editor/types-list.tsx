/** Node types by category, found by typing; one is taken by Enter, a click, or dragged away. */
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { cx } from "@/lib/classes";
import type { NodeType } from "@/nodes/schema";
import { DRAGGED_TYPE } from "./canvas/dragging";
import { CATEGORIES, categoryOf, NodeIcon } from "./icons";

/** The types a search finds, best first, in the order of the categories. */
export function found(types: Iterable<NodeType>, wanted: string): NodeType[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (type: NodeType) => CATEGORIES.findIndex((one) => one.id === type.category);
  const score = (type: NodeType) => {
    const title = type.title.toLowerCase();
    const all =
      `${title} ${type.type} ${categoryOf(type.category).label} ${type.help}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) return -1;
    return words.length && words.every((word) => title.includes(word) || type.type.includes(word))
      ? 1
      : 0;
  };
  return [...types]
    .map((type) => ({ type, score: score(type) }))
    .filter((one) => one.score >= 0)
    .sort(
      (one, other) =>
        other.score - one.score ||
        rank(one.type) - rank(other.type) ||
        one.type.title.localeCompare(other.type.title),
    )
    .map((one) => one.type);
}

export function TypesList({
  types,
  onTake,
  label,
  isDraggable = false,
  autoFocus = false,
  className,
}: {
  types: readonly NodeType[];
  onTake: (type: NodeType) => void;
  label: string;
  isDraggable?: boolean;
  autoFocus?: boolean;
  className?: string;
}) {
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const shown = useMemo(() => found(types, wanted), [types, wanted]);
  const active = shown[Math.min(at, shown.length - 1)];
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);
  useEffect(() => {
    list.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      setAt(
        (now) => (Math.min(now, shown.length - 1) + by + shown.length) % Math.max(1, shown.length),
      );
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      onTake(active);
    }
  };
  return (
    <div className={cx("flex min-h-0 flex-col", className)}>
      <div className="relative shrink-0 px-3 pb-2 pt-3">
        <Search
          size={16}
          strokeWidth={1.5}
          aria-hidden
          className="absolute left-5 top-5 text-fg3"
        />
        <input
          ref={input}
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={active ? `${id}-${active.type}` : undefined}
          aria-label={label}
          placeholder="Search steps"
          className="field pl-7"
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        tabIndex={-1}
        aria-label="Steps"
        className="min-h-0 flex-1 overflow-y-auto px-1 pb-3"
      >
        {shown.map((type, index) => {
          const isFirst = !wanted && type.category !== shown[index - 1]?.category;
          return (
            <div key={type.type} role="presentation">
              {isFirst && (
                <div role="presentation" className="px-2 pb-1 pt-3 text-12 font-medium text-fg3">
                  {categoryOf(type.category).label}
                </div>
              )}
              {/* biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus */}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the search field's */}
              <div
                id={`${id}-${type.type}`}
                role="option"
                aria-selected={type === active}
                data-active={type === active && wanted !== ""}
                data-type={type.type}
                draggable={isDraggable}
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAGGED_TYPE, type.type);
                  event.dataTransfer.effectAllowed = "copy";
                }}
                onClick={() => onTake(type)}
                title={type.help.split("\n")[0]}
                className={cx(
                  "relative flex h-9 cursor-pointer items-center gap-2 rounded-control px-2 hover:bg-bg2",
                  type === active && (wanted || autoFocus) && "bg-bg3",
                )}
              >
                <span className={categoryOf(type.category).text}>
                  <NodeIcon name={type.icon} />
                </span>
                <span className="truncate">{type.title}</span>
              </div>
            </div>
          );
        })}
        {!shown.length && <p className="px-2 py-3 text-fg3">Nothing is called like that.</p>}
      </div>
    </div>
  );
}

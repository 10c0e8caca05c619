/** A JSON value as a tree. Only rows that are seen are drawn, only parts that are open are made. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { cx } from "@/lib/classes";
import { bytes, count } from "@/lib/format";
import { CopyButton } from "@/ui/copy";
import type { Key, TreeNode } from "../model/tree";
import type { Source } from "../source";

const ROW = 22;
const OPEN_AT_FIRST = 40;

interface Row {
  id: string;
  node: TreeNode;
  path: Key[];
  level: number;
}

/** What is asked for when a row is opened: of a range a part of its parent. */
function askFor(source: Source, { node, path }: Row) {
  return node.kind === "range"
    ? source.children(path, node.first, node.size)
    : source.children(path, 0, node.size);
}

const holds = (node: TreeNode) =>
  node.size > 0 && (node.kind === "object" || node.kind === "array" || node.kind === "range");

const TONES: Partial<Record<TreeNode["kind"], string>> = {
  string: "text-ok",
  number: "text-accent",
  boolean: "text-warn",
  null: "text-fg3",
};

export function Inspector({
  source,
  label,
  fits = false,
}: {
  source: Source;
  label: string;
  /** No higher than what it shows. */
  fits?: boolean;
}) {
  const [inside, setInside] = useState<ReadonlyMap<string, readonly TreeNode[]>>(new Map());
  const [at, setAt] = useState(0);
  const [whole, setWhole] = useState<{ id: string; text: string } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const root: Row = { id: "$", node: source.root, path: [], level: 0 };

  const open = useCallback(
    async (row: Row) => {
      const children = await askFor(source, row);
      setInside((before) => new Map(before).set(row.id, children));
    },
    [source],
  );
  const close = (row: Row) =>
    setInside((before) => {
      const after = new Map(before);
      after.delete(row.id);
      return after;
    });
  const shownRoot = useRef(root);
  shownRoot.current = root;
  useEffect(() => {
    if (holds(source.root) && source.root.size <= OPEN_AT_FIRST) void open(shownRoot.current);
    else if (source.root.kind === "array") void open(shownRoot.current);
  }, [source, open]);

  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    for (const node of inside.get(row.id) ?? []) {
      const range = node.kind === "range";
      add({
        id: `${row.id}/${node.key}`,
        node,
        path: range ? row.path : [...row.path, node.key],
        level: row.level + 1,
      });
    }
  };
  add(root);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const go = (index: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setAt(next);
    virtual.scrollToIndex(next, { align: "auto" });
  };
  const press = (event: KeyboardEvent) => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey) return;
    const isOpen = inside.has(row.id);
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (holds(row.node) && !isOpen ? void open(row) : go(at + 1)),
      ArrowLeft: () =>
        isOpen
          ? close(row)
          : go(rows.findLastIndex((one, index) => index < at && one.level < row.level)),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const showWhole = async (row: Row) => setWhole({ id: row.id, text: await source.text(row.path) });

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="tree"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={`tree-${at}`}
        onKeyDown={press}
        data-testid="inspector"
        className={cx(
          "mono overflow-auto text-12 outline-offset-[-2px]",
          !fits && "min-h-0 flex-1",
        )}
        style={fits ? { height: Math.min(rows.length * ROW + 12, 320) } : undefined}
      >
        <div className="relative w-max min-w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const { node } = row;
            const isOpen = inside.has(row.id);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it takes the keys
              <div
                key={row.id}
                id={`tree-${item.index}`}
                role="treeitem"
                tabIndex={-1}
                aria-level={row.level + 1}
                aria-selected={item.index === at}
                aria-expanded={holds(node) ? isOpen : undefined}
                onClick={() => {
                  setAt(item.index);
                  if (holds(node)) isOpen ? close(row) : void open(row);
                  else if (node.cut) void showWhole(row);
                }}
                className={cx(
                  "absolute left-0 flex min-w-full cursor-pointer items-center gap-1 whitespace-pre pr-3 hover:bg-bg2",
                  item.index === at && "bg-bg2",
                )}
                style={{
                  height: ROW,
                  transform: `translateY(${item.start}px)`,
                  paddingLeft: 4 + row.level * 14,
                }}
              >
                {holds(node) ? (
                  isOpen ? (
                    <ChevronDown size={14} strokeWidth={1.5} aria-hidden className="text-fg3" />
                  ) : (
                    <ChevronRight size={14} strokeWidth={1.5} aria-hidden className="text-fg3" />
                  )
                ) : (
                  <span className="w-3.5" />
                )}
                {row.level > 0 && (
                  <span className={node.kind === "range" ? "text-fg3" : "text-fg2"}>
                    {node.kind === "range" ? `[${node.key}]` : `${node.key}:`}
                  </span>
                )}
                <span className={TONES[node.kind] ?? "text-fg3"}>
                  {isOpen && node.kind === "object" ? `{${node.size}}` : node.preview}
                </span>
                {node.cut && <span className="text-fg3">{count(node.size)} characters</span>}
              </div>
            );
          })}
        </div>
      </div>
      {whole && (
        <div className="flex max-h-[45%] shrink-0 flex-col border-t border-line">
          <div className="flex h-8 shrink-0 items-center gap-1 px-2 text-12 text-fg3">
            <span className="min-w-0 flex-1 truncate">
              {whole.id.slice(2).replaceAll("/", ".")} · {bytes(whole.text.length)}
            </span>
            <CopyButton text={whole.text} what="the text" />
            <button type="button" className="px-1 hover:text-fg" onClick={() => setWhole(null)}>
              Close
            </button>
          </div>
          <textarea
            readOnly
            aria-label="The whole text"
            value={whole.text.slice(0, 200_000)}
            className="mono min-h-24 flex-1 resize-none bg-bg0 p-2 text-12 outline-offset-[-2px]"
          />
        </div>
      )}
    </div>
  );
}

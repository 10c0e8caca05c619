/** A list of differences; each opens to show what stood there before and after. */
import { cx } from "@/lib/classes";
import { type counts, type DiffLine, MARKS } from "./diff";

export function DiffList({
  lines,
  onGo,
}: {
  lines: readonly DiffLine[];
  onGo?: (id: string) => void;
}) {
  return (
    <ul className="flex flex-col">
      {lines.map((line) => (
        <li
          key={`${line.mark}${line.kind}${line.id}`}
          data-diff={line.mark}
          className="border-b border-line"
        >
          <details>
            <summary className="grid min-h-9 grid-cols-[16px_1fr_auto] items-center gap-2 py-1">
              <span
                className={cx("mono text-center font-semibold", MARKS[line.mark].tone)}
                title={MARKS[line.mark].word}
              >
                <span aria-hidden>{MARKS[line.mark].sign}</span>
                <span className="sr-only">{MARKS[line.mark].word}</span>
              </span>
              <span className="min-w-0 truncate">
                {line.title}{" "}
                {line.kind !== "setting" && line.kind !== "edge" && (
                  <span className="mono text-12 text-fg3">
                    {line.kind === "note" ? "" : line.id}
                  </span>
                )}
              </span>
              <span className="flex items-center gap-1 text-12 text-fg3">
                {line.by}
                {onGo && line.kind === "node" && line.mark !== "removed" && (
                  <button
                    type="button"
                    className="rounded-control px-1 text-accent hover:underline"
                    onClick={() => onGo(line.id)}
                  >
                    Show
                  </button>
                )}
              </span>
            </summary>
            {line.fields.length > 0 && (
              <dl className="grid grid-cols-[120px_1fr] gap-x-3 gap-y-1 pb-2 pl-6 text-12">
                {line.fields.map((field) => (
                  <div key={field.path} className="contents">
                    <dt className="mono truncate text-fg3" title={field.path}>
                      {field.path.replace(/^\/(config\/)?/, "")}
                    </dt>
                    <dd className="mono min-w-0 break-words">
                      {field.before && (
                        <del className="block text-err decoration-1">{field.before}</del>
                      )}
                      {field.after && (
                        <ins className="block text-ok no-underline">{field.after}</ins>
                      )}
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </details>
        </li>
      ))}
    </ul>
  );
}

export function DiffCounts({ of }: { of: ReturnType<typeof counts> }) {
  const said = (Object.keys(MARKS) as DiffLine["mark"][]).filter((mark) => of[mark] > 0);
  if (!said.length) return <span className="text-fg3">No differences</span>;
  return (
    <span className="flex gap-3 text-12">
      {said.map((mark) => (
        <span key={mark} className={MARKS[mark].tone}>
          <span className="tabular font-semibold">{of[mark]}</span> {MARKS[mark].word.toLowerCase()}
        </span>
      ))}
    </span>
  );
}

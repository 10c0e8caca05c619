/** A key chord as it is shown: "mod+k" is Ctrl K, or ⌘ K on a Mac. */
const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.userAgent);
const NAMES: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: MAC ? "⇧" : "Shift",
  alt: MAC ? "⌥" : "Alt",
  enter: "Enter",
  escape: "Esc",
  delete: "Del",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  space: "Space",
};

export function Keys({ of }: { of: string }) {
  return (
    <span className="inline-flex gap-1 whitespace-nowrap">
      {of.split(" ").map((chord) => (
        <span key={chord} className="inline-flex gap-0.5">
          {chord.split("+").map((key) => (
            <kbd
              key={key}
              className="mono min-w-5 rounded-control border border-line2 px-1 text-center text-12 text-fg2"
            >
              {NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

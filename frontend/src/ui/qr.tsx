/** A QR code, drawn as one path: black on white in both themes, as cameras want it. */
import qrcode from "qrcode-generator";
import { useMemo } from "react";

export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let drawn = "";
    for (let row = 0; row < count; row += 1) {
      for (let column = 0; column < count; column += 1) {
        if (code.isDark(row, column)) drawn += `M${column + 3} ${row + 3}h1v1h-1z`;
      }
    }
    return { path: drawn, size: count + 6 };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 shrink-0 rounded-panel border border-line"
    >
      <rect width={size} height={size} fill="var(--paper)" />
      <path d={path} fill="var(--ink)" />
    </svg>
  );
}

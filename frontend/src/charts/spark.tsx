/** A line without axes beside a figure. */
export function Spark({
  label,
  values,
  color,
}: {
  label: string;
  values: readonly (number | null)[];
  color: string;
}) {
  const known = values.map((value) => value ?? 0);
  const most = Math.max(...known, 1);
  const width = 120;
  const height = 28;
  const step = known.length > 1 ? width / (known.length - 1) : 0;
  const path = known
    .map(
      (value, at) =>
        `${at ? "L" : "M"}${(at * step).toFixed(1)} ${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`,
    )
    .join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      className="h-7 w-30"
      preserveAspectRatio="none"
    >
      <path
        d={path}
        fill="none"
        stroke={`var(--${color})`}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

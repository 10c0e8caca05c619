/** One of a few. The browser's own control: it works with every keyboard and reader. */
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "@/lib/classes";

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

export function Select({
  options,
  onChange,
  className,
  ...rest
}: Omit<ComponentProps<"select">, "onChange" | "children"> & {
  options: readonly Option[];
  onChange?: (value: string) => void;
}) {
  return (
    <span className={cx("relative inline-flex w-full", className)}>
      <select
        className="field cursor-pointer appearance-none pr-7"
        onChange={(event) => onChange?.(event.target.value)}
        {...rest}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        size={16}
        strokeWidth={1.5}
        aria-hidden
        className="pointer-events-none absolute right-2 top-2 text-fg3"
      />
    </span>
  );
}

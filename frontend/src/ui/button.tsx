/** Buttons: one accented action a view, the rest quiet. Icons alone need a `label`. */
import type { LucideIcon } from "lucide-react";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "@/lib/classes";
import { Tooltip } from "./tooltip";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

const KINDS: Record<ButtonKind, string> = {
  primary: "bg-accent text-on-accent font-medium hover:brightness-110 border border-transparent",
  plain: "bg-bg2 text-fg border border-line2 hover:bg-bg3",
  quiet: "bg-transparent text-fg2 border border-transparent hover:bg-bg2 hover:text-fg",
  danger: "bg-bg2 text-err border border-err hover:bg-bg3",
};

const OFF = "disabled:opacity-50 disabled:hover:brightness-100";

type ButtonProps = ComponentProps<"button"> & {
  kind?: ButtonKind;
  icon?: LucideIcon;
  busy?: boolean;
  small?: boolean;
};

export function Button({
  kind = "plain",
  icon: Icon,
  busy = false,
  small = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-control px-3 text-13 transition-colors",
        small ? "h-7" : "h-8",
        KINDS[kind],
        OFF,
        className,
      )}
      {...rest}
    >
      {busy ? (
        <LoaderCircle size={16} strokeWidth={1.5} className="animate-turn" aria-hidden />
      ) : (
        Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />
      )}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "children"> & {
  icon: LucideIcon;
  label: string;
  kind?: ButtonKind;
  small?: boolean;
  keys?: string;
  side?: "top" | "right" | "bottom" | "left";
};

export function IconButton({
  icon: Icon,
  label,
  kind = "quiet",
  small = false,
  keys,
  side = "bottom",
  className,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys} side={side}>
      <button
        type={type}
        aria-label={label}
        className={cx(
          "inline-flex shrink-0 items-center justify-center rounded-control transition-colors",
          small ? "size-7" : "size-8",
          KINDS[kind],
          OFF,
          className,
        )}
        {...rest}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden />
      </button>
    </Tooltip>
  );
}

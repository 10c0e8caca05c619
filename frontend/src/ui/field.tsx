/** A label, its control, what helps and what is wrong, tied together for readers. */
import type { ComponentProps, ReactNode } from "react";
import { cloneElement, isValidElement, useId } from "react";
import { cx } from "@/lib/classes";

export function Field({
  label,
  help,
  error,
  children,
  className,
}: {
  label: ReactNode;
  help?: ReactNode;
  error?: string | null | undefined;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  const described = error ? `${id}-error` : help ? `${id}-help` : undefined;
  const control = isValidElement<Record<string, unknown>>(children)
    ? cloneElement(children, {
        id,
        "aria-describedby": described,
        "aria-invalid": error ? true : undefined,
      })
    : children;
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="font-medium text-fg">
        {label}
      </label>
      {control}
      {error ? (
        <p id={`${id}-error`} className="text-12 text-err">
          {error}
        </p>
      ) : (
        help && (
          <p id={`${id}-help`} className="text-12 text-fg3">
            {help}
          </p>
        )
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cx("field", className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={cx("field h-auto min-h-20 resize-y py-1.5", className)} {...rest} />;
}

export function CheckBox({
  label,
  className,
  ...rest
}: ComponentProps<"input"> & { label: ReactNode }) {
  return (
    <label className={cx("inline-flex cursor-pointer items-center gap-2", className)}>
      <input type="checkbox" className="size-4 accent-accent" {...rest} />
      <span>{label}</span>
    </label>
  );
}

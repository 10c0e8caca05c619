/** What a form holds when it is sent: texts by name, the way the browser has them. */
import type { FormEvent } from "react";

export function sent(take: (values: Record<string, string>) => void) {
  return (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(event.currentTarget)) {
      if (typeof value === "string") values[name] = value;
    }
    take(values);
  };
}

/** Of a refusal's `details.errors`, the message for one field. */
export function problemOf(details: unknown, field: string): string | undefined {
  const errors = (details as { errors?: { path?: string; message?: string }[] } | null)?.errors;
  return errors?.find((each) => each.path?.replace(/^\//, "").replaceAll("/", ".") === field)
    ?.message;
}

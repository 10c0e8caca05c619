/** An id or a secret with a button that copies it. */
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { middle } from "@/lib/format";
import { IconButton } from "./button";

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  return (
    <IconButton
      small
      icon={done ? Check : Copy}
      label={done ? "Copied" : `Copy ${what}`}
      onClick={() => {
        navigator.clipboard.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1500);
        });
      }}
    />
  );
}

export function Id({
  of,
  what = "the id",
  length = 16,
}: {
  of: string;
  what?: string;
  length?: number;
}) {
  return (
    <span className="inline-flex items-center gap-1">
      <span className="mono text-12 text-fg2" title={of}>
        {middle(of, length)}
      </span>
      <CopyButton text={of} what={what} />
    </span>
  );
}

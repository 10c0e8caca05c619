/** A small dialog with a form: what lists make and change things by. */
import { type ReactNode, useId } from "react";
import type { Act } from "@/api/act";
import { sent } from "@/lib/forms";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Refused } from "@/ui/states";

export function FormDialog<R>({
  title,
  description,
  verb,
  act,
  size = "small",
  disabled = false,
  onClose,
  children,
}: {
  title: string;
  description?: string;
  verb: string;
  act: Act<Record<string, string>, R>;
  size?: "small" | "medium";
  disabled?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const form = useId();
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      description={description}
      size={size}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={act.busy} disabled={disabled}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} className="flex flex-col gap-4 pb-2" onSubmit={sent(act.run)}>
        {children}
        <Refused error={act.error} />
      </form>
    </Dialog>
  );
}

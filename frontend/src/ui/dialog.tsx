/** What asks for an answer before anything else goes on. Escape and the cross close it. */
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";
import { Button, IconButton } from "./button";
import { Refused, type Told } from "./states";

/**
 * The first thing to fill in has the focus, else the dialog itself: a button would show its
 * tooltip, and Escape would close that alone.
 */
function focusInside(event: Event): void {
  const content = event.target;
  if (!(content instanceof HTMLElement)) return;
  event.preventDefault();
  const first = content.querySelector<HTMLElement>(
    "input:not([type=hidden]):not(:disabled), select, textarea",
  );
  (first ?? content).focus();
}

const WIDTHS = { small: "w-[420px]", medium: "w-[560px]", large: "w-[880px]" };

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = "medium",
  footer,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  size?: keyof typeof WIDTHS;
  footer?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        {/* Not Radix's overlay: that one writes a style sheet, which the page's policy forbids. */}
        <div aria-hidden className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          data-modal
          onOpenAutoFocus={focusInside}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed left-1/2 top-[12vh] z-50 flex max-h-[76vh] max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col outline-none rounded-panel bg-bg1 shadow-float",
            WIDTHS[size],
          )}
        >
          <header className="flex items-start gap-4 px-6 pb-2 pt-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="pt-1 text-16">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-fg2">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" className="-mr-2" />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-6 py-2">{children}</div>
          {footer && (
            <footer className="flex justify-end gap-2 border-t border-line px-6 py-3">
              {footer}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Asks whether something that cannot be undone shall happen. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  verb,
  busy = false,
  danger = true,
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  verb: string;
  busy?: boolean;
  danger?: boolean;
  onConfirm: () => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      size="small"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Keep as it is</Button>
          <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="pb-2 text-fg2">{children}</div>
    </Dialog>
  );
}

/** The same for one action: its refusal stands below, closing drops it. */
export function ConfirmAct({
  act,
  onClose,
  children,
  ...asked
}: {
  title: string;
  verb: string;
  danger?: boolean;
  act: { run: () => void; busy: boolean; error: Told | null };
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Confirm open onOpenChange={onClose} busy={act.busy} onConfirm={() => act.run()} {...asked}>
      <div className="flex flex-col gap-3">
        {children}
        <Refused error={act.error} />
      </div>
    </Confirm>
  );
}

/** A panel at the right edge that leaves the rest of the page usable. */
export function Sheet({
  open,
  onOpenChange,
  title,
  children,
  actions,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Radix.Portal>
        <Radix.Content
          aria-describedby={undefined}
          onInteractOutside={(event) => event.preventDefault()}
          onOpenAutoFocus={focusInside}
          className="fixed bottom-0 right-0 top-12 z-30 flex w-[520px] max-w-full flex-col outline-none border-l border-line bg-bg1 shadow-float"
        >
          <header className="flex items-center gap-2 border-b border-line px-4 py-2">
            <Radix.Title className="min-w-0 flex-1 truncate text-14">{title}</Radix.Title>
            {actions}
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A dialog that draws its own inside: the command palette. */
export function BareDialog({
  open,
  onOpenChange,
  title,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div aria-hidden className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          aria-describedby={undefined}
          data-modal
          className="fixed left-1/2 top-[12vh] z-50 w-[600px] max-w-[calc(100vw-32px)] -translate-x-1/2 rounded-panel bg-bg1 shadow-float"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

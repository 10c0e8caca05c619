/** A list of actions behind a button. */
import type { LucideIcon } from "lucide-react";
import { Ellipsis } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";
import { IconButton } from "./button";
import { Keys } from "./keys";

export type MenuItem =
  | {
      label: string;
      onSelect: () => void;
      icon?: LucideIcon;
      keys?: string;
      danger?: boolean;
      disabled?: boolean;
      checked?: boolean;
    }
  | "line"
  | { heading: string };

export function Menu({
  trigger,
  items,
  align = "end",
}: {
  trigger: ReactNode;
  items: readonly MenuItem[];
  align?: "start" | "center" | "end";
}) {
  return (
    // Modal menus write a style sheet that stops scrolling, which the page's policy forbids.
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-60 max-h-[60vh] min-w-44 overflow-y-auto rounded-panel bg-bg1 p-1 shadow-float"
        >
          {items.map((item, index) => {
            if (item === "line") {
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else of their own
              return <Radix.Separator key={index} className="my-1 h-px bg-line" />;
            }
            if ("heading" in item) {
              return (
                <Radix.Label key={item.heading} className="px-2 py-1 text-12 text-fg3">
                  {item.heading}
                </Radix.Label>
              );
            }
            const Icon = item.icon;
            return (
              <Radix.Item
                key={item.label}
                disabled={item.disabled ?? false}
                onSelect={item.onSelect}
                className={cx(
                  "flex h-8 cursor-pointer select-none items-center gap-2 rounded-control px-2 outline-none data-[highlighted]:bg-bg3 data-[disabled]:cursor-default data-[disabled]:opacity-50",
                  item.danger ? "text-err" : "text-fg",
                )}
              >
                {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
                <span className="flex-1 truncate">{item.label}</span>
                {item.checked && <span className="text-accent">on</span>}
                {item.keys && <Keys of={item.keys} />}
              </Radix.Item>
            );
          })}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The actions of one row that do not stand in it. */
export function RowMenu({ items, of }: { items: readonly MenuItem[]; of: string }) {
  return (
    <Menu items={items} trigger={<IconButton small icon={Ellipsis} label={`More about ${of}`} />} />
  );
}

/** On or off, at once. */
import { Switch as Radix } from "radix-ui";

export function Switch({
  checked,
  onChange,
  label,
  disabled = false,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  disabled?: boolean;
}) {
  return (
    <Radix.Root
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      className="relative h-4 w-7 shrink-0 rounded-full border border-line2 bg-bg3 transition-colors disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
    >
      <Radix.Thumb className="block size-2.5 translate-x-0.5 rounded-full bg-fg2 transition-transform data-[state=checked]:translate-x-[14px] data-[state=checked]:bg-on-accent" />
    </Radix.Root>
  );
}

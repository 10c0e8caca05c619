/** Places of the top bar that a page fills: where one is, and what can be done here. */
import { type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";

const WHERE = "bar-where";
const ACTIONS = "bar-actions";

/** The bar's own ends; only the shell renders them. */
export const WhereSlot = () => <div id={WHERE} className="flex min-w-0 items-center gap-2" />;
export const ActionsSlot = () => <div id={ACTIONS} className="flex items-center gap-2" />;

function Into({ slot, children }: { slot: string; children: ReactNode }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  useEffect(() => setPlace(document.getElementById(slot)), [slot]);
  return place && createPortal(children, place);
}

/** What stands in the top bar behind the tenant: the crumbs of this page. */
export const BarWhere = ({ children }: { children: ReactNode }) => (
  <Into slot={WHERE}>{children}</Into>
);

/** What stands in the top bar before the account: presence, the page's one action. */
export const BarActions = ({ children }: { children: ReactNode }) => (
  <Into slot={ACTIONS}>{children}</Into>
);

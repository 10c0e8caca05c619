/** The command palette (Ctrl K): commands of this page, places, workflows. And all shortcuts (?). */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command as Cmdk } from "cmdk";
import { Search, Workflow } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { api, got } from "@/api/client";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { BareDialog, Dialog } from "@/ui/dialog";
import { Keys } from "@/ui/keys";
import { type Command, useCommandList } from "./commands";
import { useOverlay } from "./overlay";
import { beginTour } from "./tour/store";

function useGroups(hidden: boolean): [string, Command[]][] {
  const byOwner = useCommandList((state) => state.byOwner);
  return useMemo(() => {
    const groups = new Map<string, Command[]>();
    // What the page itself offers comes first.
    for (const each of Object.values(byOwner).reverse().flat()) {
      if (each.hidden && !hidden) continue;
      groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
    }
    return [...groups];
  }, [byOwner, hidden]);
}

const ITEM =
  "flex h-9 cursor-pointer items-center gap-2 rounded-control px-2 data-[selected=true]:bg-bg3";
const HEADINGS =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-fg3";

export function Palette() {
  const { shown, show } = useOverlay();
  return (
    <BareDialog
      open={shown === "palette"}
      onOpenChange={(open) => show(open ? "palette" : null)}
      title="Find or do anything"
    >
      <Inside close={() => show(null)} />
    </BareDialog>
  );
}

function Inside({ close }: { close: () => void }) {
  const [text, setText] = useState(() => useOverlay.getState().typed);
  const wanted = useDeferredValue(text.trim());
  const groups = useGroups(false);
  const navigate = useNavigate();
  const found = useQuery({
    queryKey: keys.workflows({ palette: wanted }),
    queryFn: () =>
      got(
        api.GET("/api/v1/workflows", {
          params: { query: { name: wanted || undefined, limit: 8, sort: "-updated_at" } },
        }),
      ),
    placeholderData: (before) => before,
  });
  const then = (run: () => void) => () => {
    close();
    run();
  };
  return (
    <Cmdk label="Find or do anything" loop>
      <div className="flex items-center gap-2 border-b border-line px-4">
        <Search size={16} strokeWidth={1.5} aria-hidden className="text-fg3" />
        <Cmdk.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder="A workflow, a place, an action"
          className="h-12 w-full bg-transparent text-14 outline-none"
        />
      </div>
      <Cmdk.List className={`max-h-[52vh] overflow-y-auto p-2 ${HEADINGS}`}>
        <Cmdk.Empty className="px-2 py-6 text-center text-fg3">Nothing is called that.</Cmdk.Empty>
        {groups.map(([group, commands]) => (
          <Cmdk.Group key={group} heading={group}>
            {commands.map((each) => (
              <Cmdk.Item
                key={each.id}
                value={each.id}
                keywords={[each.title, each.words ?? ""]}
                onSelect={then(each.run)}
                className={ITEM}
              >
                <span className="flex-1 truncate">{each.title}</span>
                {each.keys && <Keys of={each.keys} />}
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ))}
        {!!found.data?.items.length && (
          <Cmdk.Group heading="Workflows">
            {found.data.items.map((each) => (
              <Cmdk.Item
                key={each.id}
                value={each.id}
                keywords={[each.name]}
                onSelect={then(
                  () => void navigate({ to: "/workflows/$id", params: { id: each.id } }),
                )}
                className={ITEM}
              >
                <Workflow size={16} strokeWidth={1.5} aria-hidden className="text-fg3" />
                <span className="flex-1 truncate">{each.name}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        )}
      </Cmdk.List>
    </Cmdk>
  );
}

export function Shortcuts() {
  const { shown, show } = useOverlay();
  const groups = useGroups(true);
  return (
    <Dialog
      open={shown === "shortcuts"}
      onOpenChange={(open) => show(open ? "shortcuts" : null)}
      title="Shortcuts"
      description="Those without Ctrl are silent while you type."
      size="large"
      footer={
        <Button
          onClick={() => {
            show(null);
            beginTour();
          }}
        >
          Begin the first steps
        </Button>
      }
    >
      <div className="columns-2 gap-8 pb-4">
        {groups.map(([group, commands]) => {
          const withKeys = commands.filter((each) => each.keys);
          if (!withKeys.length) return null;
          return (
            <section key={group} className="mb-4 break-inside-avoid">
              <h3 className="pb-1 text-12 text-fg3">{group}</h3>
              <ul>
                {withKeys.map((each) => (
                  <li key={each.id} className="flex h-7 items-center justify-between gap-4">
                    <span className="truncate">{each.title}</span>
                    <Keys of={each.keys ?? ""} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}

/** What happened, newest first; whether the chain is whole; what changed, in full. */
import { Download, ScrollText, ShieldCheck } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useAct } from "@/api/act";
import { api, got, type Schemas } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { count, exact, plural } from "@/lib/format";
import { Listed, SearchBox } from "@/parts/listed";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Id } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { Facts } from "@/ui/section";
import { Select } from "@/ui/select";
import { Time } from "@/ui/time";
import { tell, tellError } from "@/ui/toast";

type Entry = Schemas["Entry"];

const LIVE_MS = 5_000;
const SPANS: Record<string, number> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
  "30d": 2_592_000_000,
};

export function Audit() {
  const name = useNames();
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState("");
  const [span, setSpan] = useState("");
  const [open, setOpen] = useState<Entry | null>(null);
  const since = SPANS[span];
  const filters = {
    text: useDeferredValue(text.trim()) || undefined,
    outcome: outcome || undefined,
    // To the minute, so that the list stays one list.
    from: since
      ? new Date(Math.floor((Date.now() - since) / 60_000) * 60_000).toISOString()
      : undefined,
  };
  const verify = useAct(() => got(api.GET("/api/v1/audit/verify")), {
    aloud: true,
    after: (verdict) =>
      verdict.whole
        ? tell(
            `The chain is whole: ${plural(verdict.entries, "entry", "entries")} in ${count(verdict.links)} links.`,
          )
        : tellError({ message: `The chain is broken: ${JSON.stringify(verdict.broken)}` }),
  });
  const query = new URLSearchParams(
    Object.entries(filters).flatMap(([key, value]) => (value ? [[key, value]] : [])),
  );
  return (
    <>
      <Listed
        label="Audit"
        queryKey={keys.admin("audit", filters)}
        read={(cursor) =>
          got(
            api.GET("/api/v1/audit", {
              params: { query: { ...filters, limit: 100, cursor } as { limit: number } },
            }),
          )
        }
        id={(item) => item.id}
        liveMs={LIVE_MS}
        icon={ScrollText}
        empty="Nothing like that happened"
        tools={
          <>
            <SearchBox label="Find a word" value={text} onChange={setText} />
            <Select
              aria-label="Outcome"
              className="!w-40"
              value={outcome}
              onChange={setOutcome}
              options={[
                { value: "", label: "Any outcome" },
                { value: "allowed", label: "It happened" },
                { value: "denied", label: "It was refused" },
                { value: "failed", label: "It failed" },
              ]}
            />
            <Select
              aria-label="When"
              className="!w-40"
              value={span}
              onChange={setSpan}
              options={[
                { value: "", label: "Any time" },
                { value: "1h", label: "Last hour" },
                { value: "24h", label: "Last 24 hours" },
                { value: "7d", label: "Last 7 days" },
                { value: "30d", label: "Last 30 days" },
              ]}
            />
          </>
        }
        action={
          <>
            <Button
              icon={Download}
              onClick={() => location.assign(`/api/v1/audit/export?${query}`)}
            >
              Export
            </Button>
            <Button icon={ShieldCheck} busy={verify.busy} onClick={() => verify.run()}>
              Verify the chain
            </Button>
          </>
        }
        columns={[
          {
            id: "event",
            head: "What",
            cell: (item) => (
              <button
                type="button"
                className="mono text-12 font-medium hover:text-accent"
                onClick={() => setOpen(item)}
              >
                {item.event}
              </button>
            ),
          },
          { id: "outcome", head: "Outcome", width: "104px", cell: (item) => <Outcome of={item} /> },
          {
            id: "who",
            head: "Who",
            width: "200px",
            cell: (item) => <span className="text-fg2">{name(item.user_id)}</span>,
          },
          {
            id: "resource",
            head: "About",
            width: "320px",
            cell: (item) => (
              <span className="mono text-12 text-fg2">{item.resource_id || "–"}</span>
            ),
          },
          {
            id: "address",
            head: "From",
            width: "128px",
            cell: (item) => <span className="mono text-12 text-fg2">{item.ip_address || "–"}</span>,
          },
          {
            id: "when",
            head: "When",
            width: "104px",
            right: true,
            cell: (item) => <Time at={item.timestamp} />,
          },
        ]}
      />
      {open && (
        <Sheet open onOpenChange={() => setOpen(null)} title={open.event}>
          <div className="flex flex-col gap-6">
            <Facts
              facts={[
                ["Outcome", <Outcome key="outcome" of={open} />],
                ...(open.reason ? [["Why", open.reason] as const] : []),
                ["When", exact(open.timestamp)],
                ["Who", <span key="who">{name(open.user_id)}</span>],
                ["Id of who", open.user_id ? <Id key="id" of={open.user_id} length={32} /> : "–"],
                [
                  "About",
                  open.resource_id ? <Id key="about" of={open.resource_id} length={32} /> : "–",
                ],
                ["From", open.ip_address || "–"],
                ["By", open.user_agent || "–"],
                [
                  "Request",
                  open.request_id ? <Id key="request" of={open.request_id} length={32} /> : "–",
                ],
                ["Link of the chain", count(open.link)],
              ]}
            />
            {Object.keys(open.changes).length > 0 && (
              <section>
                <h3 className="pb-2 text-14">Changes</h3>
                <pre className="mono overflow-x-auto rounded-panel border border-line bg-bg0 p-3 text-12">
                  {JSON.stringify(open.changes, null, 2)}
                </pre>
              </section>
            )}
          </div>
        </Sheet>
      )}
    </>
  );
}

const TONES: Record<string, "ok" | "err" | "warn"> = {
  success: "ok",
  denied: "warn",
  failure: "err",
  failed: "err",
};

function Outcome({ of }: { of: Entry }) {
  return (
    <Chip tone={TONES[of.outcome] ?? "plain"}>
      {of.outcome}
      {of.count > 1 && ` ×${of.count}`}
    </Chip>
  );
}

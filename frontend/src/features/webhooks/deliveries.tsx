/** What was delivered to a webhook, what became of each, and sending one once more. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Inbox, RotateCw } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/api/act";
import { api, asError, got, onceKey, type Schemas } from "@/api/client";
import { useNames } from "@/api/people";
import { keys } from "@/api/queries";
import { useMay } from "@/api/session";
import { bytes, count, exact } from "@/lib/format";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Id } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { More } from "@/ui/more";
import { Facts } from "@/ui/section";
import { Select } from "@/ui/select";
import { Empty, Failed, Loading, Refused } from "@/ui/states";
import { Time } from "@/ui/time";
import { VERDICTS } from "./verdicts";

type Delivery = Schemas["HookDelivery"];

export function Deliveries({ id, onClose }: { id: string; onClose: () => void }) {
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={chosen ? "Delivery" : "Deliveries"}
      actions={
        chosen && (
          <Button kind="quiet" icon={ArrowLeft} onClick={() => setChosen(null)}>
            All
          </Button>
        )
      }
    >
      {chosen ? <One webhook={id} id={chosen} /> : <List webhook={id} onPick={setChosen} />}
    </Sheet>
  );
}

function List({ webhook, onPick }: { webhook: string; onPick: (id: string) => void }) {
  const [verdict, setVerdict] = useState("");
  const filters = { verdict: verdict || undefined };
  const list = useInfiniteQuery({
    queryKey: keys.deliveries(webhook, filters),
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/api/v1/webhooks/{webhook_id}/deliveries", {
          params: {
            path: { webhook_id: webhook },
            query: {
              ...filters,
              limit: 50,
              cursor: pageParam,
              ...(pageParam ? {} : { counts: "true" as const }),
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const counts = list.data?.pages[0]?.counts;
  return (
    <div className="flex flex-col gap-3">
      <Select
        aria-label="What became of them"
        value={verdict}
        onChange={setVerdict}
        options={[
          { value: "", label: "Whatever became of them" },
          ...Object.keys(VERDICTS).map((each) => ({ value: each, label: each })),
        ]}
      />
      {counts && (
        <p className="tabular flex flex-wrap gap-3 text-12 text-fg3">
          {Object.entries(counts).map(([name, number]) => (
            <span key={name}>
              {number >= 10_000 ? "10,000+" : count(number)} {name}
            </span>
          ))}
        </p>
      )}
      {list.isPending ? (
        <Loading what="Loading deliveries" />
      ) : list.isError ? (
        <Failed error={asError(list.error)} retry={() => void list.refetch()} />
      ) : items.length ? (
        <>
          <ul>
            {items.map((item) => (
              <Row key={item.id} of={item} onPick={onPick} />
            ))}
          </ul>
          <More of={list} />
        </>
      ) : (
        <Empty icon={Inbox} title="Nothing was delivered">
          What comes is kept here, whether a run began or not.
        </Empty>
      )}
    </div>
  );
}

function Row({ of, onPick }: { of: Delivery; onPick: (id: string) => void }) {
  return (
    <li>
      <button
        type="button"
        onClick={() => onPick(of.id)}
        className="flex min-h-9 w-full items-center gap-3 border-b border-line py-1 text-left outline-offset-[-2px] hover:bg-bg2"
      >
        <span className="w-20 shrink-0 text-fg2">
          <Time at={of.at} />
        </span>
        <span className="w-24 shrink-0">
          <Chip tone={VERDICTS[of.verdict] ?? "plain"}>{of.verdict}</Chip>
        </span>
        <span className="min-w-0 flex-1 truncate text-fg2">
          {of.kind !== "delivery" && <Chip>{of.kind}</Chip>}{" "}
          {of.reason ?? of.code ?? of.delivery_id}
        </span>
        <span className="tabular text-12 text-fg3">{bytes(of.size)}</span>
      </button>
    </li>
  );
}

function One({ webhook, id }: { webhook: string; id: string }) {
  const params = { path: { webhook_id: webhook, delivery_id: id } };
  const name = useNames();
  const mayStart = useMay("runs:start");
  const [version, setVersion] = useState("original");
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: keys.deliveries(webhook, { id }),
    queryFn: () =>
      got(api.GET("/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", { params })),
  });
  const replay = useAct(
    () =>
      got(
        api.POST("/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
          params: { ...params, header: { "Idempotency-Key": onceKey() } },
          body: { version, reason: "", ignore_filter: false, unverified: false },
        }),
      ),
    { again: [["webhooks"]] },
  );
  if (isPending) return <Loading what="Loading the delivery" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  const body = data.text ?? (data.payload === null ? "" : JSON.stringify(data.payload, null, 2));
  return (
    <div className="flex flex-col gap-6">
      <Facts
        facts={[
          [
            "What became of it",
            <span key="verdict" className="flex items-center gap-2">
              <Chip tone={VERDICTS[data.verdict] ?? "plain"}>{data.verdict}</Chip>
              <span className="tabular text-fg2">answered {data.status}</span>
            </span>,
          ],
          ...(data.reason ? [["Why", data.reason] as const] : []),
          ...(data.run_id
            ? [
                [
                  "Run",
                  <Link
                    key="run"
                    to="/runs/$id"
                    params={{ id: data.run_id }}
                    className="mono text-12 text-accent hover:underline"
                  >
                    {data.run_id}
                  </Link>,
                ] as const,
              ]
            : []),
          ["When", exact(data.at)],
          [
            "Sender's id",
            data.delivery_id ? <Id key="id" of={data.delivery_id} length={36} /> : "–",
          ],
          ["From", data.address ?? "–"],
          ["Proved", data.verified ? "yes" : "no"],
          ...(data.by ? [["Sent by", name(data.by)] as const] : []),
        ]}
      />
      {mayStart && (
        <section className="flex flex-col gap-2">
          <h3 className="text-14">Once more</h3>
          <div className="flex gap-2">
            <Select
              aria-label="Which version"
              value={version}
              onChange={setVersion}
              options={[
                { value: "original", label: "Against the version of then" },
                { value: "current", label: "Against the current version" },
              ]}
            />
            <Button icon={RotateCw} busy={replay.busy} onClick={() => replay.run()}>
              Replay
            </Button>
          </div>
          <Refused error={replay.error} />
          {replay.done && (
            <p role="status" className="flex items-center gap-2">
              <Chip tone={VERDICTS[replay.done.verdict] ?? "plain"}>{replay.done.verdict}</Chip>
              {replay.done.run_id && (
                <Link
                  to="/runs/$id"
                  params={{ id: replay.done.run_id }}
                  className="font-medium text-accent hover:underline"
                >
                  Look at its run
                </Link>
              )}
            </p>
          )}
        </section>
      )}
      <section>
        <h3 className="pb-2 text-14">Headers</h3>
        <dl className="mono grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-12">
          {Object.entries(data.headers).map(([header, value]) => (
            <div key={header} className="contents">
              <dt className="text-fg3">{header}</dt>
              <dd className="min-w-0 break-all">{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h3 className="pb-2 text-14">Body{data.truncated && " (not all of it was kept)"}</h3>
        {/* What scrolls must be reached by keys. */}
        <pre
          tabIndex={0}
          className="mono max-h-100 overflow-auto rounded-panel border border-line bg-bg0 p-3 text-12"
        >
          {body || "none"}
        </pre>
      </section>
      {data.replays.length > 0 && (
        <section>
          <h3 className="pb-2 text-14">Replays</h3>
          <ul>
            {data.replays.map((each) => (
              <li key={each.id} className="flex h-9 items-center gap-3 border-b border-line">
                <Time at={each.at} />
                <Chip tone={VERDICTS[each.verdict] ?? "plain"}>{each.verdict}</Chip>
                <span className="text-fg2">{name(each.by ?? "")}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

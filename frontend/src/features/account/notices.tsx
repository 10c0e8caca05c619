/** Push notices of approvals: this browser's switch, and every device that has them. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAct } from "@/api/act";
import { ApiError, api, asError, got } from "@/api/client";
import { type Device, type Standing, standing, switchOff, switchOn } from "@/api/push";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Section } from "@/ui/section";
import { Failed, Loading, Refused } from "@/ui/states";
import { Switch } from "@/ui/switch";
import { type Column, Table } from "@/ui/table";
import { Time } from "@/ui/time";
import { browserOf } from "./agents";

const NOTICES = keys.account("notices");

const SAID: Record<Standing, ReactNode> = {
  on: "Approvals that wait for you are told here, also while no page of Weir is open.",
  off: "Be told when an approval waits for you, also while no page of Weir is open.",
  blocked:
    "The browser does not let this page show notices. Allow them in its settings for this site, then load the page again.",
  install:
    "On this device an installed page alone is notified: choose Share, then Add to Home Screen, and open Weir from there.",
  unsupported:
    "This browser has no push notices, or the page was not opened by https. Mails reach you all the same.",
};

export function Notices() {
  const { data, isPending, isError, error, refetch } = useQuery({
    queryKey: NOTICES,
    queryFn: async () => {
      const { items } = await got(api.GET("/api/v1/push/devices"));
      return { items, ...(await standing(items)) };
    },
  });
  // Also after a refusal: the browser may have been told never to ask again.
  const change = useAct(async (on: boolean) => {
    try {
      if (on) await switchOn(browserOf(navigator.userAgent));
      else if (data?.device) await switchOff(data.device);
    } finally {
      await refetch();
    }
  });
  if (isPending) return <Loading rows={3} what="Loading your devices" />;
  if (isError) return <Failed error={asError(error)} retry={() => void refetch()} />;
  const can = data.standing === "on" || data.standing === "off";
  return (
    <div className="flex max-w-190 flex-col gap-8">
      <Section
        title="Notify me on this device"
        lead={SAID[data.standing]}
        actions={
          can ? (
            <Switch
              label="Notify me on this device"
              checked={data.standing === "on"}
              disabled={change.busy}
              onChange={change.run}
            />
          ) : (
            <Chip>{data.standing === "blocked" ? "Blocked" : "Not possible"}</Chip>
          )
        }
      >
        <Refused error={change.error} />
      </Section>
      {data.items.length > 0 && <Devices items={data.items} current={data.device?.id} />}
    </div>
  );
}

function Devices({ items, current }: { items: Device[]; current: string | undefined }) {
  const test = useAct(
    async (device_id: string) => {
      const params = { path: { device_id } };
      const { sent, problem } = await got(
        api.POST("/api/v1/push/devices/{device_id}/test", { params }),
      );
      if (!sent) throw new ApiError(0, "PUSH_NOT_SENT", problem, null, "");
    },
    { again: [NOTICES], aloud: true, said: "A notice is on its way." },
  );
  const remove = useAct(switchOff, { again: [NOTICES], aloud: true });
  const columns: readonly Column<Device>[] = [
    {
      id: "name",
      head: "Device",
      cell: (item) => (
        <span className="flex items-center gap-2">
          <span className="font-medium">{item.name || "A browser"}</span>
          {item.id === current && <Chip tone="accent">This device</Chip>}
        </span>
      ),
    },
    {
      id: "added",
      head: "Since",
      width: "112px",
      right: true,
      cell: (item) => <Time at={item.added_at} />,
    },
    {
      id: "act",
      head: <span className="sr-only">Test or remove</span>,
      width: "190px",
      right: true,
      cell: (item) => (
        <span className="flex justify-end gap-2">
          <Button small disabled={test.busy} onClick={() => test.run(item.id)}>
            Send a test
          </Button>
          <Button small disabled={remove.busy} onClick={() => remove.run(item)}>
            Remove
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Section title="Devices" lead="All on which you are notified; ten at most.">
      <Table label="Your devices" columns={columns} rows={items} id={(item) => item.id} />
    </Section>
  );
}

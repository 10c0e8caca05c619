// @vitest-environment jsdom
/** What ids are called. */
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useNames } from "@/api/people";
import { keys, queries } from "@/api/queries";

let asked: string[] = [];
let isAway = false;

function Shown({ ids }: { ids: readonly string[] }) {
  const name = useNames();
  return <p>{ids.map(name).join(", ")}</p>;
}

const show = (...ids: string[]) =>
  render(
    <QueryClientProvider client={queries}>
      <Shown ids={ids} />
    </QueryClientProvider>,
  );

function signIn(id: string): void {
  queries.setQueryData(keys.me, { id, tenant: "acme", name: "Viewer" } as never);
}

beforeEach(() => {
  asked = [];
  isAway = false;
  signIn("usr_viewer");
  vi.stubGlobal("fetch", (request: Request) => {
    const ids = new URL(request.url).searchParams.get("ids") ?? "";
    asked.push(ids);
    if (isAway) return Promise.reject(new TypeError("away"));
    const names = Object.fromEntries(
      ids.split(",").flatMap((id) => (id.includes("nobody") ? [] : [[id, `Name of ${id}`]])),
    );
    return Promise.resolve(Response.json({ names }));
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("are asked for together and once; one's own is known", async () => {
  show("usr_a", "key_b", "usr_viewer", "usr_a", "");
  await screen.findByText("Name of usr_a, Name of key_b, Viewer, Name of usr_a, –");
  show("key_b", "usr_a");
  await screen.findByText("Name of key_b, Name of usr_a");
  expect(asked).toEqual(["usr_a,key_b"]);
});

it("stay ids where there is no name, or nothing that has one", async () => {
  show("usr_nobody", "system", "usr_c");
  await screen.findByText("usr_nobody, system, Name of usr_c");
  expect(asked).toEqual(["usr_nobody,usr_c"]);
});

it("are asked for a hundred at a time", async () => {
  const ids = Array.from({ length: 150 }, (_, at) => `usr_many${at}`);
  show(...ids);
  await screen.findByText(/Name of usr_many149/);
  expect(asked.map((one) => one.split(",").length)).toEqual([100, 50]);
});

it("are asked for again after Weir was away", async () => {
  isAway = true;
  show("usr_d");
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
  isAway = false;
  cleanup();
  await vi.waitFor(() => {
    cleanup();
    show("usr_d");
    screen.getByText("Name of usr_d");
  });
});

it("are not shown to who signs in afterwards without asking", async () => {
  show("usr_e");
  await screen.findByText("Name of usr_e");
  cleanup();
  signIn("usr_other");
  show("usr_e");
  screen.getByText("usr_e");
  await screen.findByText("Name of usr_e");
  expect(asked).toEqual(["usr_e", "usr_e"]);
});

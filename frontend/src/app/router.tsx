/** Every address of the pages. A page is loaded when it is first shown. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { asError } from "@/api/client";
import { queries } from "@/api/queries";
import { meQuery } from "@/api/session";
import { NotFound, PageFailed, Pending } from "./boundary";
import { Shell } from "./shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);
const texts = (...names: string[]) => {
  return (search: Record<string, unknown>): Record<string, string | undefined> =>
    Object.fromEntries(
      names.flatMap((name) => (text(search[name]) ? [[name, text(search[name])]] : [])),
    );
};

// -- before somebody is signed in -------------------------------------------------------------

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (
    search,
  ): { next?: string | undefined; tenant?: string | undefined; error?: string | undefined } =>
    texts("next", "tenant", "error")(search),
  component: lazyRouteComponent(() => import("@/features/sign-in"), "SignIn"),
});
const acceptInvite = createRoute({
  getParentRoute: () => root,
  path: "/accept-invite",
  component: lazyRouteComponent(() => import("@/features/sign-in"), "AcceptInvite"),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  component: lazyRouteComponent(() => import("@/features/sign-in"), "ResetPassword"),
});
const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: "/verify-email",
  component: lazyRouteComponent(() => import("@/features/sign-in"), "VerifyEmail"),
});

// -- inside -----------------------------------------------------------------------------------

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(meQuery);
    } catch (thrown) {
      if (asError(thrown).status !== 401) throw thrown;
      const next = location.href === "/" ? undefined : location.href;
      throw redirect({ to: "/sign-in", search: { next } });
    }
  },
});
const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/workflows" });
  },
});
const workflows = createRoute({
  getParentRoute: () => inside,
  path: "/workflows",
  validateSearch: (
    search,
  ): { name?: string | undefined; project?: string | undefined; sort?: string | undefined } =>
    texts("name", "project", "sort")(search),
  component: lazyRouteComponent(() => import("@/features/workflows"), "Workflows"),
});
const workflow = createRoute({
  getParentRoute: () => inside,
  path: "/workflows/$id",
  validateSearch: (
    search,
  ): {
    node?: string | undefined;
    version?: string | undefined;
    panel?: string | undefined;
    run?: string | undefined;
  } => texts("node", "version", "panel", "run")(search),
  component: lazyRouteComponent(() => import("@/editor")),
});
const runs = createRoute({
  getParentRoute: () => inside,
  path: "/runs",
  validateSearch: (search): Partial<Record<RunFilter, string | undefined>> =>
    texts(...RUN_FILTERS)(search),
  component: lazyRouteComponent(() => import("@/features/run-list"), "RunList"),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$id",
  validateSearch: (
    search,
  ): { step?: string | undefined; attempt?: number | undefined; tab?: string | undefined } => ({
    ...texts("step", "tab")(search),
    ...(Number(search.attempt) > 0 ? { attempt: Number(search.attempt) } : {}),
  }),
  component: lazyRouteComponent(() => import("@/runs")),
});
const deadLetters = createRoute({
  getParentRoute: () => inside,
  path: "/runs/dead-letters",
  validateSearch: (search): Partial<Record<LetterFilter | "id", string | undefined>> =>
    texts(...LETTER_FILTERS, "id")(search),
  component: lazyRouteComponent(() => import("@/features/dead-letters"), "DeadLetters"),
});
const approvals = createRoute({
  getParentRoute: () => inside,
  path: "/approvals",
  validateSearch: (search): { id?: string | undefined; status?: string | undefined } =>
    texts("id", "status")(search),
  component: lazyRouteComponent(() => import("@/features/approvals"), "Approvals"),
});
const schedules = createRoute({
  getParentRoute: () => inside,
  path: "/schedules",
  validateSearch: (search): { id?: string | undefined } => texts("id")(search),
  component: lazyRouteComponent(() => import("@/features/schedules"), "Schedules"),
});
const webhooks = createRoute({
  getParentRoute: () => inside,
  path: "/webhooks",
  validateSearch: (search): { id?: string | undefined } => texts("id")(search),
  component: lazyRouteComponent(() => import("@/features/webhooks"), "Webhooks"),
});
const subscriptions = createRoute({
  getParentRoute: () => inside,
  path: "/webhooks/subscriptions",
  validateSearch: (search): { id?: string | undefined } => texts("id")(search),
  component: lazyRouteComponent(() => import("@/features/subscriptions"), "Subscriptions"),
});
const connections = createRoute({
  getParentRoute: () => inside,
  path: "/connections",
  validateSearch: (search): { name?: string | undefined } => texts("name")(search),
  component: lazyRouteComponent(() => import("@/features/connections"), "Connections"),
});
const dashboard = createRoute({
  getParentRoute: () => inside,
  path: "/dashboard",
  validateSearch: (search): { window?: string | undefined } => texts("window")(search),
  component: lazyRouteComponent(() => import("@/features/dashboard"), "Dashboard"),
});
const admin = createRoute({
  getParentRoute: () => inside,
  path: "/admin",
  validateSearch: (search): { tab?: string | undefined; q?: string | undefined } =>
    texts("tab", "q")(search),
  component: lazyRouteComponent(() => import("@/features/admin"), "Admin"),
});
const errors = createRoute({
  getParentRoute: () => inside,
  path: "/errors/$code",
  component: lazyRouteComponent(() => import("@/runs/error-page")),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  validateSearch: (search): { tab?: string | undefined } => texts("tab")(search),
  component: lazyRouteComponent(() => import("@/features/account"), "Account"),
});

export const RUN_FILTERS = [
  "status",
  "trigger",
  "q",
  "workflow_id",
  "started_from",
  "started_before",
  "project",
  "label",
  "search",
  "sort",
] as const;
export type RunFilter = (typeof RUN_FILTERS)[number];

export const LETTER_FILTERS = ["status", "reason", "code", "workflow_id", "run_id"] as const;
export type LetterFilter = (typeof LETTER_FILTERS)[number];

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    acceptInvite,
    resetPassword,
    verifyEmail,
    inside.addChildren([
      home,
      workflows,
      workflow,
      runs,
      run,
      deadLetters,
      approvals,
      schedules,
      webhooks,
      subscriptions,
      connections,
      dashboard,
      admin,
      errors,
      account,
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  defaultErrorComponent: PageFailed,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/**
 * How the pages talk to Weir: typed by the OpenAPI document, with the session's cookies.
 *
 * A refusal is thrown as an ApiError. An answer 401 renews the session once, for all tabs
 * together, and asks again; where that fails the page goes to sign-in.
 */
import createClient, { type FetchResponse } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly requestId: string;

  constructor(status: number, code: string, message: string, details: unknown, requestId: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }
}

/** What was thrown, as an ApiError. */
export function asError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof TypeError) {
    const told = "Weir does not answer: the network is down, or the server is stopped.";
    return new ApiError(0, "UNREACHABLE", told, null, "");
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(0, "UNEXPECTED", message, null, "");
}

const REFRESH = "/api/v1/auth/refresh";
/** Renewing helps nobody here: these say themselves who one is. */
const NEVER_RENEWED =
  /^\/api\/v1\/auth\/(login|refresh|logout|invitations|password\/|second-factor|passkey\b|oidc)/;

function cookie(name: string): string {
  const found = document.cookie
    .split("; ")
    .find((part) => part.startsWith(`${name}=`) || part.startsWith(`__Host-${name}=`));
  return found ? found.slice(found.indexOf("=") + 1) : "";
}

/** Renews the session, one tab at a time; false if it is over. */
async function renew(before: string): Promise<boolean> {
  const ask = async () => {
    // Another tab was quicker.
    if (cookie("weir-csrf") && cookie("weir-csrf") !== before) return true;
    const answer = await fetch(REFRESH, { method: "POST", credentials: "same-origin" });
    return answer.ok;
  };
  return navigator.locks ? navigator.locks.request("weir.renew", ask) : ask();
}

let ended: () => void = () => {};

/** Says what to do when nobody is signed in any more. */
export function onSignedOut(act: () => void): void {
  ended = act;
}

function signed(request: Request): Request {
  if (request.method !== "GET" && request.method !== "HEAD") {
    request.headers.set("X-Weir-CSRF", cookie("weir-csrf"));
  }
  return request;
}

/** `fetch` of an address of the API as the signed-in person. */
export async function authorised(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const again = NEVER_RENEWED.test(path) ? null : request.clone();
  const before = cookie("weir-csrf");
  const answer = await fetch(signed(request));
  // A csrf cookie ends with the access token: without it a change is refused before it is looked at.
  const stale = answer.status === 401 || (answer.status === 403 && !before);
  if (!again || !stale) return answer;
  if (!(await renew(before))) {
    if (answer.status === 401) ended();
    return answer;
  }
  return fetch(signed(again));
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  fetch: authorised,
});

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

function refusal({ error, response }: Answer): ApiError {
  const body = (
    error as {
      error?: Partial<Record<"code" | "message" | "request_id", string>> & { details?: unknown };
    }
  )?.error;
  return new ApiError(
    response.status,
    body?.code ?? "UNEXPECTED",
    body?.message ?? `Weir answered ${response.status} without saying why.`,
    body?.details ?? null,
    body?.request_id ?? response.headers.get("X-Request-ID") ?? "",
  );
}

type Given<A> = A extends { data: infer D } ? D : never;

/** The value of an answer: `await got(api.GET("/api/v1/runs"))`. Throws an ApiError. */
// biome-ignore lint/suspicious/noExplicitAny: only so are the answers of every operation taken
export async function got<A extends FetchResponse<any, any, any>>(
  asked: Promise<A>,
): Promise<NonNullable<Given<A>>> {
  return (await gotWith(asked)).data;
}

/** The value and what its headers say: `revision` is what If-Match takes. */
// biome-ignore lint/suspicious/noExplicitAny: only so are the answers of every operation taken
export async function gotWith<A extends FetchResponse<any, any, any>>(
  asked: Promise<A>,
): Promise<{ data: NonNullable<Given<A>>; revision: string; sequence: string }> {
  let answer: A;
  try {
    answer = await asked;
  } catch (thrown) {
    throw asError(thrown);
  }
  if (!answer.response.ok) throw refusal(answer as Answer);
  const { headers } = answer.response;
  return {
    data: answer.data as NonNullable<Given<A>>,
    revision: headers.get("ETag") ?? "",
    sequence: headers.get("Weir-Sequence") ?? "",
  };
}

/** The revision of what was read, as If-Match takes it. */
export const match = (of: { revision: string }) => `"${of.revision}"`;

/** A key for one intention, so that asking twice makes it once. */
export function onceKey(): string {
  return crypto.randomUUID();
}

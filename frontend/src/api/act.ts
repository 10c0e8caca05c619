/** Doing something: whether it is under way, what went wrong, and what is read again after it. */
import { type QueryKey, useMutation } from "@tanstack/react-query";
import { tell, tellError } from "@/ui/toast";
import { type ApiError, asError } from "./client";
import { queries } from "./queries";

const LATER_MS = 1_200;

/** At once, and once more when every list surely holds what was written: they follow by a second. */
function readAgain(stale: readonly QueryKey[]): void {
  const read = () => {
    for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
  };
  read();
  if (stale.length) setTimeout(read, LATER_MS);
}

export interface Act<A, R> {
  run: (asked: A) => void;
  /** The same for who goes on with the result; undefined where it failed. */
  ask: (asked: A) => Promise<R | undefined>;
  busy: boolean;
  error: ApiError | null;
  /** What came of it the last time. */
  done: R | undefined;
  reset: () => void;
}

/**
 * `again` are the keys of what is stale afterwards. `said` is told when it worked; with `aloud`
 * a refusal is told too, for actions without a form that could show it.
 */
export function useAct<A = void, R = unknown>(
  act: (asked: A) => Promise<R>,
  options: {
    after?: (result: R, asked: A) => void;
    again?: readonly QueryKey[];
    said?: string | ((result: R, asked: A) => string);
    aloud?: boolean;
  } = {},
): Act<A, R> {
  const mutation = useMutation<R, Error, A>({
    mutationFn: act,
    onSuccess: (result, asked) => {
      readAgain(options.again ?? []);
      const { said } = options;
      if (said) tell(typeof said === "string" ? said : said(result, asked));
      options.after?.(result, asked);
    },
    onError: (thrown) => {
      if (options.aloud) tellError(asError(thrown));
    },
  });
  return {
    run: (asked) => mutation.mutate(asked),
    ask: (asked) => mutation.mutateAsync(asked).catch(() => undefined),
    busy: mutation.isPending,
    error: mutation.error && asError(mutation.error),
    done: mutation.data,
    reset: mutation.reset,
  };
}

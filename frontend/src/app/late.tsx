/** Parts that nobody sees at first: their scripts come behind the first picture. */
import { type ComponentType, useEffect, useState } from "react";

/**
 * A part that is drawn as soon as its script is here, and `Waiting` or nothing until then. Unlike
 * `lazy` it has no fallback, which React would hold for 300 ms, and is drawn at once where the
 * script came before.
 */
export function late<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Waiting: ComponentType | null = null,
) {
  let found: ComponentType<P> | undefined;
  return function Late(props: P) {
    const [, tell] = useState(false);
    useEffect(() => {
      if (found) return;
      load().then(
        (Part) => {
          found = Part;
          tell(true);
        },
        (thrown: unknown) =>
          tell(() => {
            throw thrown; // to the boundary around the page
          }),
      );
    }, []);
    const Part = found;
    return Part ? <Part {...props} /> : Waiting && <Waiting />;
  };
}

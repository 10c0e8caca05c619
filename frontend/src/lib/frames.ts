/** Collects what comes until the next frame, so that a flood costs one rendering. */
export function perFrame<T>(take: (items: T[]) => void): {
  push: (item: T) => void;
  stop: () => void;
} {
  let waiting: T[] = [];
  let frame = 0;
  const flush = () => {
    frame = 0;
    const items = waiting;
    waiting = [];
    take(items);
  };
  return {
    push: (item) => {
      waiting.push(item);
      if (!frame) frame = requestAnimationFrame(flush);
    },
    stop: () => {
      cancelAnimationFrame(frame);
      frame = 0;
      waiting = [];
    },
  };
}

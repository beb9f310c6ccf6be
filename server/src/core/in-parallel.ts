/** Runs `work` on each item, a few at once; answers what came of each, in their order. The first failure ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let failed = false;
  const one = async () => {
    for (const [at, item] of queue) {
      if (failed) return;
      results[at] = await work(item);
    }
  };
  const runners = Array.from({ length: Math.min(width, items.length) }, () =>
    one().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // What runs is waited for: nothing goes on behind the back of a caller who was told of a failure.
  await Promise.allSettled(runners);
  await Promise.all(runners);
  return results;
}

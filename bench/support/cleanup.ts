const open = new Set<() => Promise<void>>();

/** Has `undo` run when the benchmarks are interrupted. The answer runs it now, once. */
export function cleanup(undo: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  const once = () => {
    open.delete(once);
    done ??= undo();
    return done;
  };
  open.add(once);
  return once;
}

/** Undoes everything that is still open, the newest first. */
export async function cleanUp(): Promise<void> {
  for (const undo of [...open].reverse()) await undo().catch(() => undefined);
}

import type { Logger } from './core/log.ts';

/** What a stop undoes: the last first. */
export type Undo = (() => Promise<void>)[];

/** Starts something of many parts. `stop` undoes what they put down; a start that fails is undone at once. */
export async function startWithUndo<T>(
  log: Logger,
  start: (undo: Undo) => Promise<T>,
): Promise<T & { stop(): Promise<void> }> {
  const undo: Undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await step().catch((error: unknown) => log.error({ error }, 'a part did not stop well'));
    }
  };
  try {
    return { ...(await start(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

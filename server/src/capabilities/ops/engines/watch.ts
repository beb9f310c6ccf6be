import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../core/log.ts';

/** How a process stands with its engine: `joining` until the others beside it know of it, who until then count its jobs out. */
export type Standing = 'away' | 'joining' | 'alone' | 'shared';

export interface Watcher {
  /** It answers, after it did not; or others take its jobs too from now on, or no more. */
  onUp(shared: boolean): void;
  onDown(): void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const checkMs = 5000;
const joinMs = 500;

/** Looks again and again until the signal, and tells what is new. */
export async function watchStanding(look: () => Promise<Standing>, watcher: Watcher): Promise<void> {
  const { onUp, onDown, log, signal } = watcher;
  let before: Standing | undefined;
  while (!signal.aborted) {
    const now = await look().catch((error: unknown) => {
      log.debug({ error }, 'the engine was not looked at');
      return undefined;
    });
    if (now !== before && now === 'away') onDown();
    if (now !== before && (now === 'alone' || now === 'shared')) onUp(now === 'shared');
    before = now;
    await sleep(now === 'joining' ? joinMs : checkMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

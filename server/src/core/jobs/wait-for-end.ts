import { setTimeout as sleep } from 'node:timers/promises';
import type { Feed } from '../events/feed.ts';
import type { ToolContext } from '../tool.ts';
import type { JobEngine } from './engine.ts';

/** Who tells that a job has ended: this process where it ran here, else its event. */
export interface EndTellers {
  readonly jobs: Pick<JobEngine, 'endedHere'>;
  readonly feed: Feed;
}

/** What a look at a job found. */
export interface Look<T> {
  readonly found: T;
  /** Nothing comes of it any more. */
  readonly ended: boolean;
  /** How it stands, for whoever is told of the progress. */
  readonly words: string;
  /** How far it is, from 0 to 1; without it, how much of the time is over. */
  readonly part?: number;
}

const lookMs = 1000;

/**
 * What was found once a job has ended, or when the seconds are over, the caller is gone, or the server stops. Whoever waits is told
 * of the end, and of each event of `subject`, and looks by itself once a second.
 */
export async function waitForEnd<T>(
  jobId: string,
  seconds: number,
  { jobs, feed }: EndTellers,
  { signal, progress }: Pick<ToolContext, 'signal' | 'progress'>,
  look: () => Promise<Look<T>>,
  subject?: string,
): Promise<T> {
  const until = Date.now() + seconds * 1000;
  const over = new AbortController();
  const enough = AbortSignal.any([signal, feed.closed]);
  let told = -1;
  let news = false;
  let wake = () => {};
  const onNews = () => {
    news = true;
    wake();
  };
  const forget = feed.each((event) => {
    if (event.subject === subject) onNews();
    else if (event.subject === `job:${jobId}` && event.data.finished_at !== undefined) onNews();
  });
  void jobs.endedHere(jobId, over.signal).then(onNews);
  enough.addEventListener('abort', onNews);
  try {
    for (;;) {
      const { found, ended, words, part: known } = await look();
      const left = until - Date.now();
      if (ended || enough.aborted || left <= 0) return found;
      // Progress may only grow, and a look at the job always follows it.
      const part = known ?? 1 - left / (seconds * 1000);
      if (part > told + (known === undefined ? 0.02 : 0)) {
        progress(part, words);
        told = part;
      }
      if (!news) {
        const pause = new AbortController();
        wake = () => pause.abort();
        await sleep(Math.min(left, lookMs), undefined, { signal: pause.signal }).catch(() => undefined);
      }
      news = false;
    }
  } finally {
    over.abort();
    forget();
    enough.removeEventListener('abort', onNews);
  }
}

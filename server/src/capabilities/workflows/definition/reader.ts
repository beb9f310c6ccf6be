import { Worker } from 'node:worker_threads';
import { AppError } from '../../../core/errors.ts';
import type { Parsed } from './parse.ts';

/** To the thread that reads, and back. */
export interface ToReader {
  readonly id: number;
  readonly text: string;
}
export interface FromReader {
  readonly id: number;
  readonly parsed: Parsed;
}

/** Reads definitions as `parseDefinition` does, in a thread of its own: a large one takes up to a second. */
export interface Reader {
  read(text: string): Promise<Parsed>;
  close(): Promise<void>;
}

const idleMs = 60_000;
const entry = new URL(import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js', import.meta.url);

/** Opens a reader, whose thread starts with the first document and ends when none comes for a while. */
export function openReader(): Reader {
  const waiting = new Map<number, PromiseWithResolvers<Parsed>>();
  let thread: Worker | undefined;
  let ending: NodeJS.Timeout | undefined;
  let last = 0;

  function start(): Worker {
    const made = new Worker(entry, { env: {} });
    made.unref();
    made.on('message', ({ id, parsed }: FromReader) => {
      waiting.get(id)?.resolve(parsed);
      waiting.delete(id);
      if (waiting.size === 0) ending = setTimeout(() => void end(), idleMs).unref();
    });
    made.on('error', (error: Error) => fail(made, error));
    made.on('exit', () => fail(made, new Error('The thread that reads definitions has ended.')));
    return made;
  }

  function fail(of: Worker, error: Error): void {
    if (thread !== of) return;
    thread = undefined;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  }

  async function end(): Promise<void> {
    clearTimeout(ending);
    const open = thread;
    if (open) fail(open, new AppError('UNAVAILABLE', 'The server stops.', 'Try again once it is back.'));
    await open?.terminate();
  }

  return {
    read(text) {
      clearTimeout(ending);
      thread ??= start();
      last += 1;
      const answer = Promise.withResolvers<Parsed>();
      waiting.set(last, answer);
      thread.postMessage({ id: last, text } satisfies ToReader);
      return answer.promise;
    },
    close: end,
  };
}

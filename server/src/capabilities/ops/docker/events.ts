import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './client.ts';
import { readJsonLines } from './json-lines.ts';

/** What happened to a container of ours. */
export interface EngineEvent {
  readonly kind: 'container';
  /** The engine's word: `start`, `die`, `oom`, `destroy`, … */
  readonly action: string;
  readonly container_id: string;
  /** Of a `die`. */
  readonly exit_code?: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface EventHandlers {
  readonly onEvent: (event: EngineEvent) => void;
  /** The stream stands again after it was away, or for the first time: what happened in between may be missing, so look at all. */
  readonly onConnected: () => void;
  /** The engine does not answer; told once until it does. */
  readonly onLost: (error: unknown) => void;
}

const retryMs = 500;
const maxRetryMs = 10_000;

/** Follows what happens to the containers with these labels, until the signal; connects again when the engine comes back. */
export async function followEvents(
  engine: Engine,
  labels: Readonly<Record<string, string>>,
  handlers: EventHandlers,
  signal: AbortSignal,
): Promise<void> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  let wait = retryMs;
  let lost = false;
  while (!signal.aborted) {
    try {
      const stream = (await engine.docker.getEvents({ filters: { type: ['container'], label } })) as Readable;
      wait = retryMs;
      lost = false;
      handlers.onConnected();
      await readEvents(stream, handlers.onEvent, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!lost) handlers.onLost(error);
      lost = true;
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * 2, maxRetryMs);
  }
}

async function readEvents(stream: Readable, onEvent: EventHandlers['onEvent'], signal: AbortSignal): Promise<void> {
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) return;
    for await (const raw of readJsonLines<RawEvent>(stream)) {
      const event = eventOf(raw);
      if (event) onEvent(event);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

function eventOf({ Type, Action = '', Actor }: RawEvent): EngineEvent | undefined {
  if (Type !== 'container' || Actor?.ID === undefined) return undefined;
  const { exitCode, ...labels } = Actor.Attributes ?? {};
  return {
    kind: 'container',
    action: Action,
    container_id: Actor.ID,
    ...(Action === 'die' && exitCode !== undefined ? { exit_code: Number(exitCode) } : {}),
    labels,
  };
}

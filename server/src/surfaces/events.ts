import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { isConnectionLoss } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import { type StoredEvent, toEvent } from '../core/events/event.ts';
import { badPosition, type Feed, type Wanted } from '../core/events/feed.ts';
import { formatPosition, type Position, parsePosition } from '../core/events/position.ts';
import { isStorable } from '../core/storable.ts';
import { bearer } from './guard.ts';
import type { Env } from './http.ts';
import type { Held, Standing, Token } from './standing.ts';

export interface EventsSettings {
  readonly feed: Feed;
  readonly standing: Standing;
  /** How often a stream with nothing to say shows that it is there. */
  readonly heartbeatMs?: number;
}

type Batch = Awaited<ReturnType<Feed['read']>>;

const eventsAChunk = 50;
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** `GET /events`: events as server-sent events, from now on or from the position of `Last-Event-ID` or `since`. */
export function createEvents({ feed, standing, heartbeatMs = 15_000 }: EventsSettings): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/events', async (c) => {
    const principal = c.get('principal');
    if (!principal.scopes.has('system:read')) throw noScope();
    const wanted = wantedBy([c.req.query('types'), c.req.query('kinds')], c.req.query('dataset_id'));
    const after = positionOf(c.req.header('last-event-id') || c.req.query('since')) ?? (await feed.now());
    const first = await feed.read({ principal, wanted, after, limit: eventsAChunk });
    const token = { secret: bearer(c.req.header('authorization')), path: c.req.path, principal };
    return c.body(streamOf(token, wanted, first), 200, headers);
  });
  return app;

  /** Each pull of the connection makes one chunk, so that a reader who does not read costs one chunk and no more. */
  function streamOf(token: Token, wanted: Wanted, first: Batch): ReadableStream<Uint8Array> {
    const ending = new AbortController();
    let held: Held | undefined;
    let at = first.next;
    let canceled = false;

    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (!held) {
            held = standing.hold(token, () => ending.abort());
            const hello = [
              Buffer.from(first.events.length > 0 ? 'retry: 1000\n\n' : `retry: 1000\n${idOnly(at)}`),
              ...first.events.map(frameOf),
            ];
            return controller.enqueue(Buffer.concat(hello));
          }
          const chunk = await nextChunk(held).catch((error: unknown) => {
            held?.release();
            throw error;
          });
          if (chunk) return controller.enqueue(chunk);
          held.release();
          if (!canceled) controller.close();
        },
        cancel() {
          canceled = true;
          ending.abort();
          held?.release();
        },
      },
      { highWaterMark: 0 },
    );

    async function nextChunk({ principal }: Held): Promise<Uint8Array | undefined> {
      const beat = Date.now() + heartbeatMs;
      while (!ending.signal.aborted && !feed.closed.aborted) {
        const request = { principal: principal(), wanted, after: at, limit: eventsAChunk };
        const batch = await feed.read(request).catch(async (error: unknown) => {
          if (!isConnectionLoss(error)) throw error;
          await sleep(1000);
          return { events: [], next: at };
        });
        if (ending.signal.aborted) return undefined;
        at = batch.next;
        if (batch.events.length > 0) return Buffer.concat(batch.events.map(frameOf));
        const left = beat - Date.now();
        if (left <= 0) return Buffer.from(`: alive\n${idOnly(at)}`);
        await feed.wait(at, left, ending.signal);
      }
      return undefined;
    }
  }
}

/** A block without data: it moves the position from which a client resumes, and is no event. */
function idOnly(position: Position): string {
  return `id: ${formatPosition(position)}\n\n`;
}

/** Recent events are the same objects for all subscribers: each is put into bytes once. */
const frames = new WeakMap<StoredEvent, Uint8Array>();
function frameOf(event: StoredEvent): Uint8Array {
  const known = frames.get(event);
  if (known) return known;
  const { position, type } = event;
  const text = `id: ${formatPosition(position)}\nevent: ${type}\ndata: ${JSON.stringify(toEvent(event))}\n\n`;
  const frame = Buffer.from(text);
  frames.set(event, frame);
  return frame;
}

/** `types` and `kinds` mean the same. */
function wantedBy(types: readonly (string | undefined)[], datasetId: string | undefined): Wanted {
  const joined = types.filter((text) => text !== undefined).join(',');
  if (!isStorable(joined) || !isStorable(datasetId ?? '')) {
    throw new AppError(
      'VALIDATION_FAILED',
      'The query holds characters that nothing here is named with.',
      'Give types as in types=job.updated,dataset.updated and dataset_id as register_dataset answered it.',
    );
  }
  const named = joined.split(',').filter(Boolean).slice(0, 50);
  return { types: named.length > 0 ? named : undefined, datasetId: datasetId || undefined };
}

function positionOf(given: string | undefined): Position | undefined {
  if (given === undefined) return undefined;
  const position = parsePosition(given);
  if (position) return position;
  throw badPosition();
}

function noScope(): AppError {
  return new AppError(
    'FORBIDDEN',
    'This token lacks the scope system:read, which the events need.',
    'Ask the operator for a token with it: tutti token create <name> --grant system:read',
    { required_scope: 'system:read' },
  );
}

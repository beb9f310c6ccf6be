import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerEventBus } from '@modelcontextprotocol/server';
import { canSee } from '../core/auth/principal.ts';
import type { StoredEvent } from '../core/events/event.ts';
import type { Feed } from '../core/events/feed.ts';
import { leadsTo } from './exposure.ts';
import { bearer } from './guard.ts';
import type { Asker } from './mcp-handlers.ts';
import type { Standing } from './standing.ts';

export interface Updates {
  /** What the SDK subscribes to; it tells each subscription what its principal may see, and nobody else. */
  readonly bus: ServerEventBus;
  /** Serves a request that subscribes. Its subscription ends with its token. */
  listen(request: Request, call: ListenCall, serve: (request: Request) => Promise<Response>): Promise<Response>;
}

/** A request of the method `subscriptions/listen`, as far as it was looked at. */
export interface ListenCall {
  readonly asker: Asker;
  readonly body: unknown;
}

interface Subscription {
  readonly uris: ReadonlySet<string>;
  /** Whether its principal may see the event, as things are now. */
  sees(event: StoredEvent): boolean;
  /** Updates that the connection has not taken yet: a second one of the same URI would say nothing more. */
  readonly unread: Set<string>;
}

type Listener = Parameters<ServerEventBus['subscribe']>[0];

/** MCP resource updates of the events: an event of `job:<id>` updates `job://<id>`. */
export function createUpdates(feed: Feed, standing: Standing): Updates {
  const asking = new AsyncLocalStorage<Subscription>();
  const listeners = new Map<Listener, Subscription | undefined>();
  let unfollow: (() => void) | undefined;

  return {
    bus: {
      publish(event) {
        for (const listener of [...listeners.keys()]) listener(event);
      },
      subscribe(listener) {
        listeners.set(listener, asking.getStore());
        unfollow ??= feed.each(tell);
        return () => {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          unfollow?.();
          unfollow = undefined;
        };
      },
    },
    async listen(request, { asker: { principal, exposure }, body }, serve) {
      const ending = new AbortController();
      const { url, method, headers } = request;
      const token = {
        secret: bearer(headers.get('authorization') ?? undefined),
        path: new URL(url).pathname,
        principal,
      };
      const held = standing.hold(token, () => ending.abort());
      ending.signal.addEventListener('abort', held.release);
      for (const signal of [request.signal, feed.closed]) {
        signal.addEventListener('abort', () => ending.abort(), { signal: ending.signal });
      }
      const subscription: Subscription = {
        uris: subscribedUris(body),
        sees: (event) => leadsTo(event.toolset, exposure) && canSee(held.principal(), event),
        unread: new Set(),
      };
      const inner = new Request(url, { method, headers, body: '{}', signal: ending.signal });
      const end = () => ending.abort();
      const response = await asking
        .run(subscription, () => serve(inner))
        .catch((error: unknown) => {
          end();
          throw error;
        });
      if (response.body) return new Response(read(response.body, subscription, end), response);
      end();
      return response;
    },
  };

  function tell(event: StoredEvent): void {
    const uri = event.subject.replace(':', '://');
    for (const [listener, subscription] of listeners) {
      if (!subscription?.uris.has(uri) || subscription.unread.has(uri) || !subscription.sees(event)) continue;
      subscription.unread.add(uri);
      feed.told(event.type);
      listener({ kind: 'resource_updated', uri });
    }
  }
}

export function isListen(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'subscriptions/listen';
}

function subscribedUris(body: unknown): Set<string> {
  const { params } = body as { params?: { notifications?: { resourceSubscriptions?: unknown } } };
  const uris = params?.notifications?.resourceSubscriptions;
  return new Set(Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []);
}

/** Passes a subscription's stream on as fast as its reader takes it, and notes which updates it took. */
function read(
  body: ReadableStream<Uint8Array>,
  { unread }: Subscription,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          onEnd();
          return controller.close();
        }
        const [, uri] = /"uri":"([^"\\]+)"/.exec(decoder.decode(value)) ?? [];
        if (uri !== undefined) unread.delete(uri);
        controller.enqueue(value);
      },
      cancel(reason) {
        onEnd();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

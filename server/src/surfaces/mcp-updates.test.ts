import { expect, test } from 'vitest';
import type { Principal } from '../core/auth/principal.ts';
import type { StoredEvent } from '../core/events/event.ts';
import type { Feed } from '../core/events/feed.ts';
import { createUpdates } from './mcp-updates.ts';

const principal: Principal = { id: 'prn_a', name: 'a', admin: false, scopes: new Set(['lake:read', 'ops:read']) };

/** Updates over a feed and a protocol library of our own, with one subscription that is never read by itself. */
async function subscribe(exposure: { endpoint: 'all' | 'lake' }, uris: readonly string[]) {
  const told = new Set<(event: StoredEvent) => void>();
  const counted: string[] = [];
  const feed = {
    closed: new AbortController().signal,
    each(follower: (event: StoredEvent) => void) {
      told.add(follower);
      return () => told.delete(follower);
    },
    told: (type: string) => void counted.push(type),
  };
  let end = () => {};
  const updates = createUpdates(feed as unknown as Feed, {
    hold(_token, onEnd) {
      end = onEnd;
      return { principal: () => principal, release: () => undefined };
    },
  });
  const request = new Request('http://localhost/mcp', { method: 'POST' });
  const body = { method: 'subscriptions/listen', params: { notifications: { resourceSubscriptions: uris } } };
  const asker = { principal, exposure: { ...exposure, toolsets: undefined, readOnly: false } };
  const response = await updates.listen(request, { asker, body }, async (inner) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const leave = updates.bus.subscribe((event) => controller.enqueue(Buffer.from(JSON.stringify(event))));
        inner.signal.addEventListener('abort', () => {
          leave();
          controller.close();
        });
      },
    });
    return new Response(stream);
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  return {
    tell(subject: string, more: Partial<StoredEvent> = {}) {
      for (const follower of told) follower({ type: 'test.changed', subject, toolset: 'lake', ...more } as StoredEvent);
    },
    async read() {
      const { value } = await reader.read();
      return value && JSON.parse(Buffer.from(value).toString()).uri;
    },
    end: () => end(),
    followers: () => told.size,
    counted,
  };
}

test('an update that the connection has not taken is not queued again', async () => {
  const subscription = await subscribe({ endpoint: 'all' }, ['job://a', 'job://b']);
  for (const subject of ['job:a', 'job:a', 'job:unasked', 'job:b', 'job:a', 'job:b']) subscription.tell(subject);
  expect([await subscription.read(), await subscription.read()]).toEqual(['job://a', 'job://b']);
  subscription.tell('job:a');
  expect(await subscription.read()).toBe('job://a');
  expect(subscription.counted).toEqual(['test.changed', 'test.changed', 'test.changed']);
});

test('a subscription is told of what its principal may see and its connection leads to, and ends with its token', async () => {
  const uris = ['job://mine', 'job://theirs', 'job://ops', 'job://last'];
  const subscription = await subscribe({ endpoint: 'lake' }, uris);
  subscription.tell('job:theirs', { owner: 'prn_b' });
  subscription.tell('job:ops', { toolset: 'ops' });
  subscription.tell('job:mine', { owner: 'prn_a' });
  subscription.tell('job:last');
  expect([await subscription.read(), await subscription.read()]).toEqual(['job://mine', 'job://last']);
  subscription.end();
  expect(await subscription.read()).toBeUndefined();
  expect(subscription.followers()).toBe(0);
});

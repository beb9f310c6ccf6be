import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { revokeToken } from '../src/core/auth/store.ts';
import { keys } from '../src/keys-command.ts';
import { expectFailure } from './support/failure.ts';
import { isSignedBy, isSignedWith, type Receiver, startReceiver } from './support/hook-receiver.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { webhooksOf } from './support/webhooks.ts';

let server: TestServer;
let receiver: Receiver;
let hooks: ReturnType<typeof webhooksOf>;
beforeAll(async () => {
  receiver = await startReceiver();
  server = await startTestServer(['--egress-allow', '127.0.0.1', '--webhooks-retry-s', '0.05,0.05,0.05']);
  hooks = webhooksOf(server);
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

const to = (path: string, more: object = {}) => ({
  name: path,
  url: `${receiver.url}${path}`,
  types: ['test.noted'],
  ...more,
});
const allDelivered = (count: number) => (items: { state: string }[]) =>
  items.length === count && items.every((item) => item.state === 'delivered');

test('an event is sent once, signed by the rules of Standard Webhooks', async () => {
  const raw = randomBytes(24);
  await hooks.secret('shared', `whsec_${raw.toString('base64')}`, { toolset: 'system', host: '127.0.0.1' });
  const { id, public_keys } = await hooks.put(to('/signed', { secret: 'secret:shared' }));
  await hooks.append('one', { datasetId: 'ds_1', data: { n: 'one', text: 'ä\u{1f600}' } });
  const [request] = (await receiver.until('/signed', 1)) as [Receiver['received'][number]];
  const [delivery] = await hooks.deliveries(id, allDelivered(1));
  expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': delivery.id });
  expect(Math.abs(Number(request.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  expect(public_keys).toHaveLength(1);
  expect(isSignedBy(public_keys[0], request)).toBe(true);
  expect(isSignedWith(raw, request)).toBe(true);
  expect(isSignedBy(public_keys[0], { ...request, text: `${request.text} ` })).toBe(false);
  const { body } = request;
  expect(body).toMatchObject({ type: 'test.noted', subject: 'note:one', data: { n: 'one', text: 'ä\u{1f600}' } });
  expect(body).toMatchObject({ id: delivery.event_id, timestamp: body.time });
  expect(delivery).toMatchObject({ type: 'test.noted', subject: 'note:one' });
  expect(delivery.attempts).toEqual([
    expect.objectContaining({
      n: 1,
      status: 200,
      response: expect.objectContaining({ untrusted: true, text: 'thanks' }),
    }),
  ]);
});

test('a webhook gets what it asked for, from its making on, and in order', async () => {
  await hooks.append('before');
  const { id } = await hooks.put(to('/filtered', { dataset_id: 'ds_mine' }));
  const count = 40;
  for (let n = 0; n < count; n += 1) {
    await hooks.append(n, { datasetId: 'ds_mine' });
    await hooks.append(`other ${n}`, { datasetId: 'ds_other' });
    await hooks.append(`type ${n}`, { datasetId: 'ds_mine', type: 'test.other' });
  }
  const requests = await receiver.until('/filtered', count);
  await hooks.deliveries(id, allDelivered(count));
  expect(requests.map(({ body }) => body.data.n)).toEqual(Array.from({ length: count }, (_, n) => n));
});

test('what fails is tried again with the same id, later ones go ahead, and it ends', async () => {
  let refusals = 0;
  receiver.answer('/flaky', (response, { body }) => {
    const refuse = body.data.n === 'dead' || (body.data.n === 'late' && refusals++ === 0);
    response.writeHead(refuse ? 503 : 204).end();
  });
  const { id } = await hooks.put(to('/flaky'));
  for (const n of ['dead', 'late', 'good']) await hooks.append(n);
  const items = await hooks.deliveries(id, (all) => all.length === 3 && all.every((one) => one.state !== 'pending'));
  const by = Object.fromEntries(items.map((one) => [one.subject.slice(5), one]));
  expect(by).toMatchObject({
    dead: { state: 'failed', attempts: [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }] },
    late: { state: 'delivered', attempts: [{ status: 503 }, { status: 204 }] },
    good: { state: 'delivered', attempts: [{ status: 204 }] },
  });
  const ids = receiver.at('/flaky').filter(({ body }) => body.data.n === 'dead');
  expect(new Set(ids.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([by.dead.id]));
  expect(await hooks.ok('list_webhooks', {})).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ id, failing_since: expect.any(String) })]),
  });

  receiver.answer('/flaky', (response) => void response.end());
  expect(await hooks.ok('redeliver_webhook', { webhook_id: id, since: '2020-01-01T00:00:00Z' })).toEqual({
    redelivered: 1,
  });
  await hooks.deliveries(id, allDelivered(3));
  expect(await hooks.ok('redeliver_webhook', { delivery_id: by.good.id })).toEqual({ redelivered: 1 });
  await hooks.deliveries(id, (all) => allDelivered(3)(all) && all[0].attempts.length === 2);
  const again = receiver.at('/flaky').filter(({ headers }) => headers['webhook-id'] === by.good.id);
  expect(again).toHaveLength(2);
  const listed = await hooks.ok('list_webhooks', { direction: 'out' });
  expect(listed.items.find((item: { id: string }) => item.id === id)).not.toHaveProperty('failing_since');
  expectFailure(
    await server.call('redeliver_webhook', { delivery_id: by.good.id, webhook_id: id }),
    422,
    'VALIDATION_FAILED',
  );
  expectFailure(await server.call('redeliver_webhook', { delivery_id: 'dlv_none' }), 404, 'NOT_FOUND');
});

test('redelivery and failing attempts do not get in each other’s way', async () => {
  receiver.answer('/contested', (response) => void response.writeHead(500).end());
  const { id } = await hooks.put(to('/contested'));
  await hooks.append('contested');
  const [{ id: delivery_id }] = await hooks.deliveries(id, ([one]) => one?.attempts.length > 0);
  const again = async () => {
    for (let n = 0; n < 40; n += 1) await hooks.ok('redeliver_webhook', { delivery_id });
  };
  await Promise.all([again(), again(), again()]);
  await hooks.deliveries(id, ([one]) => one.state === 'failed');
});

test('Retry-After puts the next try off', async () => {
  receiver.answer('/busy', (response) => void response.writeHead(429, { 'retry-after': '3600' }).end());
  const { id } = await hooks.put(to('/busy'));
  await hooks.append('wait');
  const [item] = await hooks.deliveries(id, ([one]) => one?.attempts.length === 1);
  expect(Date.parse(item.next_try_at) - Date.now()).toBeGreaterThan(3_000_000);
});

test('a slow receiver delays nobody else', async () => {
  receiver.answer('/slow', () => undefined);
  await hooks.put(to('/slow'));
  const { id } = await hooks.put(to('/quick'));
  for (let n = 0; n < 5; n += 1) await hooks.append(n);
  await hooks.deliveries(id, allDelivered(5));
  expect(receiver.at('/slow')).toHaveLength(1);
});

test('410 switches a webhook off, and so do days of failure; it says so to all but itself', async () => {
  const watcher = await hooks.put(to('/watcher', { types: ['webhook.updated'] }));
  receiver.answer('/gone', (response) => void response.writeHead(410).end());
  receiver.answer('/failing', (response) => void response.writeHead(500).end());
  const everything = ['test.noted', 'webhook.updated'];
  const gone = await hooks.put(to('/gone', { types: everything }));
  const failing = await hooks.put(to('/failing', { types: everything }));
  await sql`update webhooks set failing_since = now() - interval '5 days 1 minute' where id = ${failing.id}`.execute(
    server.database.db,
  );
  await hooks.append('end');
  const reasons = () =>
    receiver.at('/watcher').flatMap(({ body }) => {
      const { id, disabled_reason } = body.data;
      return disabled_reason && [gone.id, failing.id].includes(id) ? [[id, disabled_reason, body.cause?.via]] : [];
    });
  await expect.poll(() => reasons().length, { timeout: 30_000 }).toBe(2);
  expect(new Map(reasons().map(([id, reason]) => [id, reason]))).toEqual(
    new Map([
      [gone.id, 'gone'],
      [failing.id, 'failing'],
    ]),
  );
  // What it did itself, and what is about it, is never sent to it, switched on again or not.
  receiver.answer('/gone', (response) => void response.end());
  await hooks.put({ webhook_id: gone.id, enabled: true });
  await hooks.append('again');
  await expect.poll(() => receiver.at('/gone').at(-1)?.body.data.n, { timeout: 30_000 }).toBe('again');
  expect(receiver.at('/gone').filter(({ body }) => body.subject === `webhook:${gone.id}`)).toEqual([]);
  expect(
    expectFailure(
      await server.call('redeliver_webhook', { webhook_id: failing.id, since: '2020-01-01T00:00:00Z' }),
      409,
      'CONFLICT',
    ).suggestion,
  ).toContain('put_webhook');
  await hooks.ok('delete_webhook', { webhook_id: watcher.id });
});

test('an answer that leads elsewhere, and an address that is not public, get nothing', async () => {
  receiver.answer(
    '/moved',
    (response) => void response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end(),
  );
  const moved = await hooks.put(to('/moved'));
  const inside = await hooks.put({ ...to('/inside'), url: 'http://169.254.169.254/latest' });
  await hooks.append('out');
  for (const { id } of [moved, inside]) {
    const [item] = await hooks.deliveries(id, ([one]) => one?.state === 'failed');
    expect(item.attempts[0].error).toMatch(/^EGRESS_REFUSED: /);
  }
  expect(receiver.at('/elsewhere')).toEqual([]);
});

test('what its owner may not see any more is withheld, and sent once it may again', async () => {
  const grant = (...grants: string[]) => server.token('seer', grants);
  const all = ['lake:read', 'system:read', 'system:write'];
  const { id: tokenId, secret } = await grant(...all);
  receiver.answer('/seer', (response) => {
    void grant('system:read', 'system:write').then(() => response.writeHead(503).end());
  });
  const { id } = await hooks.put(to('/seer'), secret);
  await hooks.append('secret of the lake');
  const [held] = await hooks.deliveries(id, ([one]) => one?.state === 'withheld');
  expect(held.attempts).toHaveLength(1);
  // Who sees it no more does not see that it was there either.
  expect((await hooks.ok('list_deliveries', { webhook_id: id }, secret)).items).toEqual([]);
  expectFailure(await server.call('redeliver_webhook', { delivery_id: held.id }, secret), 404, 'NOT_FOUND');
  await grant(...all);
  receiver.answer('/seer', (response) => void response.end());
  await hooks.ok('redeliver_webhook', { delivery_id: held.id }, secret);
  await hooks.deliveries(id, allDelivered(1));

  const shown = async () =>
    (await hooks.ok('list_webhooks', { page_size: 200 })).items.find((item: { id: string }) => item.id === id);
  expect(await shown()).not.toHaveProperty('paused');
  await revokeToken(server.database.db, tokenId);
  expect(await shown()).toMatchObject({ paused: true, enabled: true });
  const { id: other } = await hooks.put(to('/other'));
  await hooks.append('while it is paused');
  await hooks.deliveries(other, allDelivered(1));
  await hooks.deliveries(id, allDelivered(1));
  // Whoever puts it next is the one as whom it acts.
  expect(await hooks.put({ webhook_id: id })).not.toHaveProperty('paused');
  await hooks.append('again');
  await hooks.deliveries(id, allDelivered(2));
});

test('a webhook that is switched off or removed sends nothing', async () => {
  const off = await hooks.put(to('/off'));
  await hooks.put({ webhook_id: off.id, enabled: false });
  const removed = await hooks.put(to('/removed'));
  expect(await hooks.ok('delete_webhook', { webhook_id: removed.id })).toEqual({ deleted: true });
  expectFailure(await server.call('delete_webhook', { webhook_id: removed.id }), 404, 'NOT_FOUND');
  const { id } = await hooks.put(to('/on'));
  await hooks.append('meanwhile');
  await hooks.deliveries(id, allDelivered(1));
  await hooks.put({ webhook_id: off.id, enabled: true });
  await hooks.append('later');
  await hooks.deliveries(off.id, allDelivered(1));
  expect(receiver.at('/off').map(({ body }) => body.data.n)).toEqual(['later']);
  expect(receiver.at('/removed')).toEqual([]);
});

test('while a key is rotated both sign, then the new one alone', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { id, public_keys: before } = await hooks.put(to('/rotated'));
  const [old] = before;
  const shown = async () => (await hooks.put({ webhook_id: id })).public_keys as string[];
  expect(await keys(['rotate', 'webhook', '--data-dir', server.dataDir])).toBe(0);
  await expect.poll(shown, { timeout: 20_000 }).toEqual([expect.not.stringContaining(old), old]);
  const [current = ''] = await shown();
  await hooks.append('both');
  const [both] = (await receiver.until('/rotated', 1)) as [Receiver['received'][number]];
  expect([isSignedBy(old, both), isSignedBy(current, both)]).toEqual([true, true]);
  expect(await keys(['drop-old', 'webhook', '--data-dir', server.dataDir])).toBe(0);
  await expect.poll(shown, { timeout: 20_000 }).toEqual([current]);
  await hooks.append('one');
  const [, alone] = (await receiver.until('/rotated', 2)) as Receiver['received'][number][];
  expect(alone && [isSignedBy(old, alone), isSignedBy(current, alone)]).toEqual([false, true]);
  vi.restoreAllMocks();
});

test.each([
  [{ url: 'http://127.0.0.1/' }, 422, 'name'],
  [{ name: 'x' }, 422, 'url'],
  [{ name: 'x', url: 'ftp://example.com/' }, 422, 'url'],
  [{ name: 'x', url: 'https://user:word@example.com/' }, 422, 'url'],
  [{ name: 'x', url: 'https://example.com/#a' }, 422, 'url'],
  [{ name: 'x', url: 'https://example.com/', verify: 'standard' }, 422, 'verify'],
  [{ name: 'x', url: 'https://example.com/', secret: 'whsec_abcdef' }, 422, 'secret'],
  [{ name: 'x', url: 'https://example.com/', secret: 'secret:unknown' }, 403, undefined],
  [{ name: 'x', direction: 'in', secret: 'secret:shared' }, 422, 'verify'],
  [{ name: 'x', direction: 'in', verify: 'github' }, 422, 'secret'],
  [{ name: 'x', direction: 'in', verify: 'github', secret: 'secret:shared', url: 'https://example.com/' }, 422, 'url'],
  [{ webhook_id: 'wh_none', name: 'x' }, 404, undefined],
])('put_webhook refuses %j', async (input, status, field) => {
  const code = { 422: 'VALIDATION_FAILED', 403: 'SECRET_NOT_GRANTED', 404: 'NOT_FOUND' }[status] ?? '';
  const { details } = expectFailure(await server.call('put_webhook', input), status, code);
  if (field !== undefined) expect((details as { issues: { path: string }[] }).issues[0]?.path).toBe(field);
});

test.each([
  ['list_webhooks', 3, {}],
  ['list_deliveries', 7, { type: 'test.noted', state: 'delivered' }],
])('%s pages through all, each once', async (name, size, filter) => {
  const { id } = (await hooks.ok('list_webhooks', { page_size: 200 })).items.find(
    (item: { name: string }) => item.name === '/filtered',
  );
  const asked = name === 'list_deliveries' ? { ...filter, webhook_id: id } : filter;
  const ids: string[] = [];
  for (let page: string | undefined; ; ) {
    const body = await hooks.ok(name, { ...asked, page_size: size, ...(page && { page }) });
    ids.push(...body.items.map((item: { id: string }) => item.id));
    page = body.next_page;
    if (!page) break;
  }
  const whole = await hooks.ok(name, { ...asked, page_size: 200 });
  expect(ids).toEqual(whole.items.map((item: { id: string }) => item.id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(size);
});

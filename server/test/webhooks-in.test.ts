import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFailure } from './support/failure.ts';
import { type Receiver, startReceiver, v1 } from './support/hook-receiver.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { webhooksOf } from './support/webhooks.ts';

let server: TestServer;
let receiver: Receiver;
let hooks: ReturnType<typeof webhooksOf>;
const key = randomBytes(32);
const word = 'an-incoming-secret';
const addresses: Record<string, string> = {};
beforeAll(async () => {
  receiver = await startReceiver();
  server = await startTestServer(['--egress-allow', '127.0.0.1', '--webhooks-max-body-bytes', '2000']);
  hooks = webhooksOf(server);
  await hooks.secret('in-standard', `whsec_${key.toString('base64')}`);
  await hooks.secret('in-word', word);
  await hooks.secret('in-basic', `user:${word}`);
  for (const [verify, secret] of [
    ['standard', 'in-standard'],
    ['github', 'in-word'],
    ['bearer', 'in-word'],
    ['basic', 'in-basic'],
  ] as const) {
    const made = await hooks.put({ name: verify, direction: 'in', verify, secret: `secret:${secret}` });
    expect(made.address).toBe(`${server.url}/hooks/${made.id}`);
    addresses[verify] = made.address;
  }
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

const seconds = (shift = 0) => String(Math.floor(Date.now() / 1000) + shift);
const send = (address: string | undefined, body: string | Buffer, headers: Record<string, string>) =>
  raw(address ?? '', {
    method: 'POST',
    headers: { 'content-length': Buffer.byteLength(body), ...headers },
    body: [body],
  });

function standard(id: string, body: string, { at = seconds(), by = key } = {}): Record<string, string> {
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1a,AAAA ${v1(by, id, at, body)}` };
}

async function received(name: string) {
  const { rows } = await sql<{ data: { body: { text: string }; headers: object; name: string }; owner: string }>`
    select data, owner from events where type = 'webhook.received' and data ->> 'name' = ${name} order by seq`.execute(
    server.database.db,
  );
  return rows;
}

test('a message signed by Standard Webhooks becomes one event, however often it comes', async () => {
  const body = '{"type":"thing.made","text":"ä\\u0000"}';
  const before = (await server.call('poll_events', {})).body.next;
  const more = { 'content-type': 'application/json', authorization: 'Bearer nothing-to-keep', 'user-agent': 'tester' };
  const first = await send(addresses.standard, body, { ...standard('msg_1', body), ...more });
  expect(first).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
  const twins = await Promise.all([1, 2, 3].map(() => send(addresses.standard, body, standard('msg_1', body))));
  expect(twins.map((twin) => twin.body)).toEqual(twins.map(() => ({ received: true, duplicate: true })));
  const { items } = (await server.call('poll_events', { since: before, wait_s: 20 })).body;
  expect(items).toEqual([
    expect.objectContaining({
      type: 'webhook.received',
      subject: expect.stringMatching(/^webhook:wh_/),
      data: {
        webhook_id: expect.stringMatching(/^wh_/),
        name: 'standard',
        headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': expect.any(String), 'user-agent': 'tester' },
        content_type: 'application/json',
        body: { untrusted: true, source: expect.stringMatching(/^webhook:wh_/), text: body },
      },
    }),
  ]);
});

test('messages that come twice at once become one event', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => send(addresses.standard, 'twin', standard('msg_twin', 'twin'))),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
  expect((await received('standard')).filter(({ data }) => data.body.text === 'twin')).toHaveLength(1);
});

test('GitHub, bearer and basic senders are known by what they send', async () => {
  const body = '{"zen":"yes"}';
  const signature = `sha256=${createHmac('sha256', word).update(body).digest('hex')}`;
  const github = { 'x-hub-signature-256': signature, 'x-github-delivery': 'uuid-1', 'x-github-event': 'ping' };
  expect(await send(addresses.github, body, github)).toMatchObject({ body: { duplicate: false } });
  expect(await send(addresses.github, body, github)).toMatchObject({ body: { duplicate: true } });
  expect(await send(addresses.github, body, { ...github, 'x-github-delivery': 'uuid-2' })).toMatchObject({
    body: { duplicate: false },
  });
  const basic = { authorization: `Basic ${Buffer.from(`user:${word}`).toString('base64')}` };
  for (const [verify, headers] of [
    ['bearer', { authorization: `Bearer ${word}` }],
    ['basic', basic],
  ] as const) {
    expect(await send(addresses[verify], 'one', headers)).toMatchObject({ status: 200, body: { duplicate: false } });
    expect(await send(addresses[verify], 'one', headers)).toMatchObject({ status: 200, body: { duplicate: true } });
    expect(await send(addresses[verify], 'two', headers)).toMatchObject({ status: 200, body: { duplicate: false } });
    expect((await received(verify)).map(({ data }) => data.body.text)).toEqual(['one', 'two']);
  }
  expect((await received('github')).map(({ data }) => data.headers)).toEqual([
    { 'x-github-delivery': 'uuid-1', 'x-github-event': 'ping' },
    { 'x-github-delivery': 'uuid-2', 'x-github-event': 'ping' },
  ]);
});

test('whoever proves nothing gets the same answer, whether there is such a webhook or not', async () => {
  const body = '{}';
  const good = standard('msg_bad', body);
  const nowhere = `${server.url}/hooks/wh_${'0'.repeat(26)}`;
  const { id } = await hooks.put({
    name: 'off',
    direction: 'in',
    verify: 'bearer',
    secret: 'secret:in-word',
    enabled: false,
  });
  const out = await hooks.put({ name: 'out', url: `${receiver.url}/none`, enabled: false });
  const bad: [string | undefined, Record<string, string>][] = [
    [nowhere, good],
    [`${server.url}/hooks/%00`, good],
    [`${server.url}/hooks/${id}`, { authorization: `Bearer ${word}` }],
    [`${server.url}/hooks/${out.id}`, good],
    [addresses.standard, {}],
    [addresses.standard, standard('msg_bad', body, { by: randomBytes(32) })],
    [addresses.standard, standard('msg_bad', body, { at: seconds(-301) })],
    [addresses.standard, standard('msg_bad', body, { at: seconds(301) })],
    [addresses.standard, standard('msg.bad', body)],
    [addresses.standard, { ...good, 'webhook-id': 'msg_other' }],
    [addresses.standard, { ...good, 'webhook-signature': good['webhook-signature']?.replace('v1,', 'v2,') ?? '' }],
    [addresses.github, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    [addresses.github, { 'x-hub-signature': 'sha1=0' }],
    [addresses.bearer, { authorization: 'Bearer another-word' }],
    [addresses.bearer, { authorization: `Basic ${Buffer.from(word).toString('base64')}` }],
    [addresses.basic, { authorization: `Bearer user:${word}` }],
    [addresses.basic, { authorization: 'Basic ****' }],
  ];
  const texts = new Set<string>();
  for (const [address, headers] of bad) {
    const answer = await send(address, body, headers);
    expectFailure(answer, 401, 'WEBHOOK_REFUSED');
    texts.add(answer.text);
  }
  expect(texts.size).toBe(1);
  expect((await received('standard')).filter(({ data }) => data.body.text === body)).toEqual([]);
});

test('a message that is too large or no text is refused and becomes no event', async () => {
  const before = (await received('standard')).length;
  const large = 'x'.repeat(2001);
  expectFailure(await send(addresses.standard, large, standard('msg_large', large)), 413, 'PAYLOAD_TOO_LARGE');
  const chunked = { ...standard('msg_large', large), 'transfer-encoding': 'chunked' };
  expectFailure(
    await raw(addresses.standard ?? '', {
      method: 'POST',
      headers: chunked,
      body: [large.slice(0, 1500), large.slice(1500)],
    }),
    413,
    'PAYLOAD_TOO_LARGE',
  );
  for (const bytes of [Buffer.from([0xff, 0xfe]), Buffer.from('a\0b')]) {
    const at = seconds();
    const proof = createHmac('sha256', key).update(Buffer.concat([Buffer.from(`msg_bytes.${at}.`), bytes]));
    const headers = {
      'webhook-id': 'msg_bytes',
      'webhook-timestamp': at,
      'webhook-signature': `v1,${proof.digest('base64')}`,
    };
    expectFailure(await send(addresses.standard, bytes, headers), 400, 'BAD_REQUEST');
  }
  expect((await received('standard')).length).toBe(before);
  expect((await raw(addresses.standard ?? '', { method: 'GET' })).status).toBe(404);
});

test('a webhook that sends to one of the same server ends by itself', async () => {
  const inward = await hooks.put({ name: 'echo', direction: 'in', verify: 'standard', secret: 'secret:in-standard' });
  const types = ['webhook.received', 'test.noted'];
  const first = await hooks.put({ name: 'a', url: inward.address, types, secret: 'secret:in-standard' });
  await hooks.append('start');
  await expect.poll(async () => (await received('echo')).length, { timeout: 30_000 }).toBe(1);
  // Another one that sends to the same place may answer what the first one did, and the first one that, once each.
  const second = await hooks.put({ name: 'b', url: inward.address, types, secret: 'secret:in-standard' });
  await hooks.append('again');
  await expect.poll(async () => (await received('echo')).length, { timeout: 30_000 }).toBe(5);
  const settled = async () => {
    const { items } = await hooks.ok('list_deliveries', { state: 'pending' });
    return items.length;
  };
  await expect.poll(settled, { timeout: 30_000 }).toBe(0);
  expect((await received('echo')).length).toBe(5);
  for (const { id } of [first, second]) await hooks.ok('delete_webhook', { webhook_id: id });
});

test('an owner who may have no webhooks any more receives nothing', async () => {
  const writer = (await server.token('keeper', ['system:read', 'system:write'])).secret;
  const made = await hooks.put({ name: 'kept', direction: 'in', verify: 'bearer', secret: 'secret:in-word' }, writer);
  const headers = { authorization: `Bearer ${word}` };
  expect((await send(made.address, '1', headers)).status).toBe(200);
  await server.token('keeper', ['system:read']);
  expectFailure(await send(made.address, '2', headers), 401, 'WEBHOOK_REFUSED');
  await server.token('keeper', ['system:read', 'system:write']);
  expect((await send(made.address, '3', headers)).status).toBe(200);
});

test('a message that comes while its webhook is deleted is refused like any to none', async () => {
  const made = await hooks.put({ name: 'going', direction: 'in', verify: 'bearer', secret: 'secret:in-word' });
  const { db } = server.database;
  const sent = await db.transaction().execute(async (tx) => {
    await sql`delete from webhooks where id = ${made.id}`.execute(tx);
    const answer = send(made.address, '1', { authorization: `Bearer ${word}` });
    // It has seen the webhook, and waits for what becomes of it.
    await expect.poll(() => waiting(db), { timeout: 30_000 }).toBe(1);
    return { answer };
  });
  expectFailure(await sent.answer, 401, 'WEBHOOK_REFUSED');
});

/** How many sessions wait for a row of webhooks that another one changes. */
async function waiting(db: TestServer['database']['db']): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%webhook%'`.execute(db);
  return rows[0]?.count ?? 0;
}

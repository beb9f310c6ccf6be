import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isSignedBy, isSignedWith, type Received, type Receiver, startReceiver } from './support/hook-receiver.ts';
import { runTutti, type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const directory = makeTempDir('hooks-restore');
const [source, target, file] = ['source', 'target', 'backup.tar'].map((name) => path.join(directory, name)) as [
  string,
  string,
  string,
];
const flags = ['--egress-allow', '127.0.0.1', '--log-level', 'trace', '--webhooks-retry-s', '3600,3600'];
let receiver: Receiver | undefined;
let server: ServeProcess | undefined;
afterAll(async () => {
  await server?.stop();
  await receiver?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('webhooks work after a restore as before, and no secret is in anything that the server writes', {
  timeout: 180_000,
}, async () => {
  const sink = await startReceiver();
  receiver = sink;
  const told: string[] = [];
  let now = await serveProcess(source, flags);
  server = now;
  async function ok(name: string, input: unknown): Promise<Body> {
    const { status, body } = await now.call(name, input);
    expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
    told.push(JSON.stringify(body));
    return body;
  }
  const key = randomBytes(24);
  const secret = `whsec_${key.toString('base64')}`;
  const where = path.join(directory, 'shared');
  writeFileSync(where, secret);
  for (const args of [
    ['set', 'shared', '--file', where],
    ['grant', 'shared', '--toolset', 'system'],
  ]) {
    expect(await runTutti(['secret', ...args, '--data-dir', source])).toMatchObject({ code: 0 });
  }
  const receive = (address: string, body: string) =>
    fetch(address, { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body });

  const types = ['webhook.received', 'dataset.updated'];
  const out = await ok('put_webhook', { name: 'out', url: `${sink.url}/out`, types, secret: 'secret:shared' });
  const inward = await ok('put_webhook', { name: 'in', direction: 'in', verify: 'bearer', secret: 'secret:shared' });
  // The receiver says everything back that it was told, and more.
  sink.answer('/out', (response, { headers, text }) => {
    response.writeHead(500).end(JSON.stringify({ secret, headers, text }));
  });
  expect((await receive(inward.address, `it is ${secret}`)).status).toBe(200);
  const [first] = (await sink.until('/out', 1)) as [Received];
  expect(first.body.data.body).toMatchObject({ untrusted: true, text: expect.stringContaining('[redacted]') });
  const attempted = async () => {
    const { items } = await ok('list_deliveries', { webhook_id: out.id });
    return items[0]?.attempts[0]?.status;
  };
  await expect.poll(attempted, { timeout: 30_000 }).toBe(500);
  await ok('poll_events', { since: '0.0' });
  await ok('list_webhooks', {});
  expect(await runTutti(['backup', file, '--data-dir', source])).toMatchObject({ code: 0 });
  await now.stop();
  const written = [readFileSync(file, 'latin1'), now.output(), told.join(), JSON.stringify(sink.received)];
  for (const form of [secret, key.toString('base64'), Buffer.from(secret).toString('base64url').slice(0, -2)]) {
    expect(written.map((text) => text.includes(form))).toEqual(written.map(() => false));
  }
  expect(statSync(path.join(source, 'keys/webhook.json')).mode & 0o777).toBe(0o600);

  expect(await runTutti(['restore', file, '--data-dir', target])).toMatchObject({ code: 0 });
  now = await serveProcess(target, flags);
  server = now;
  sink.answer('/out', (response) => void response.end());
  const [restored] = (await ok('list_webhooks', { direction: 'out' })).items;
  expect(restored).toMatchObject({ id: out.id, public_keys: out.public_keys });
  const [delivery] = (await ok('list_deliveries', { webhook_id: out.id })).items;
  expect(delivery).toMatchObject({ state: 'pending', id: first.headers['webhook-id'] });
  await ok('redeliver_webhook', { delivery_id: delivery.id });
  const [, again] = (await sink.until('/out', 2)) as [Received, Received];
  expect(again.text).toBe(first.text);
  expect(again.headers['webhook-id']).toBe(delivery.id);

  await ok('register_dataset', { name: 'after', uri: 'tutti://after' });
  const address = inward.address.replace(/^http:..[^/]+/, now.url);
  expect((await receive(address, 'after')).status).toBe(200);
  const later = (await sink.until('/out', 4)).slice(2);
  expect(later.map(({ body }) => body.type).sort()).toEqual(['dataset.updated', 'webhook.received']);
  for (const request of [first, again, ...later]) {
    expect([isSignedBy(out.public_keys[0], request), isSignedWith(key, request)]).toEqual([true, true]);
  }
  // Each event once, for what became a delivery before the backup becomes no other one.
  const { items } = await ok('list_deliveries', { webhook_id: out.id });
  expect(new Set(items.map((item: Body) => item.event_id)).size).toBe(items.length);
  expect(items).toHaveLength(3);
});

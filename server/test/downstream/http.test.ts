import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantSecret, putSecret } from '../../src/core/auth/secrets/store.ts';
import { createDownstreamBench, type DownstreamBench, failureOf, until } from '../support/downstream/bench.ts';
import { type HttpServer, startHttpServer } from '../support/downstream/http-server.ts';
import { type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';

const bearer = 'the-token-of-the-server';
let plain: HttpServer;
let old: HttpServer;
let guarded: HttpServer;
let byOauth: HttpServer;
let issuer: OidcIssuer;
let bench: DownstreamBench;
/** Tokens that the server with OAuth takes no more. */
const ended = new Set<string | undefined>();

beforeAll(async () => {
  process.env.DOWNSTREAM_TOKEN = bearer;
  process.env.DOWNSTREAM_CLIENT = 'a-secret-of-the-client-itself';
  issuer = await startOidcIssuer(['mail']);
  plain = await startHttpServer();
  old = await startHttpServer({ lostStatus: 400 });
  guarded = await startHttpServer({ allow: (authorization) => authorization === `Bearer ${bearer}` });
  byOauth = await startHttpServer({
    issuer: issuer.url,
    allow: (authorization) => authorization?.startsWith('Bearer ey') === true && !ended.has(authorization),
  });
  const oauth = { client_id: issuer.client.id, client_secret: 'env:DOWNSTREAM_CLIENT', scope: 'mail' };
  bench = await createDownstreamBench(
    [
      { name: 'plain', url: plain.url, max_answer_mb: 1, timeout_s: 5 },
      { name: 'old', url: old.url },
      { name: 'guarded', url: guarded.url, bearer: 'secret:mail-token' },
      { name: 'denied', url: guarded.url, bearer: 'env:DOWNSTREAM_CLIENT' },
      { name: 'found', url: byOauth.url, oauth },
      { name: 'told', url: byOauth.url, oauth: { ...oauth, token_url: `${issuer.url}/token` } },
      { name: 'down', url: 'http://127.0.0.1:1/mcp' },
      { name: 'redirected', url: plain.url.replace('/mcp', '/elsewhere') },
    ],
    { flags: ['--egress-allow', '127.0.0.1'], breakerMs: 50 },
  );
  await putSecret(bench.database.db, 'mail-token', 'env:DOWNSTREAM_TOKEN');
});
afterAll(async () => {
  await bench.close();
  await Promise.all([plain.stop(), old.stop(), guarded.stop(), byOauth.stop(), issuer.stop()]);
});

const call = (server: string, tool: string, args = {}, options = {}) =>
  bench.downstream.call(server, tool, args, options);

test('a session is made once for many callers, and answers come as documents and as streams', async () => {
  const calls = Array.from({ length: 8 }, (_, n) => call('plain', 'echo', { text: `n ${n}` }));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 8 }, (_, n) => `n ${n}`));
  expect(await call('plain', 'stream')).toBe('streamed');
  expect(plain.seen.filter((method) => method === 'initialize')).toHaveLength(1);
});

test.each(['plain', 'old'])(
  '%s: a session that the server forgot is made anew once, and the call goes on',
  async (name) => {
    const server = name === 'plain' ? plain : old;
    await call(name, 'echo', { text: 'x' });
    const before = server.seen.filter((method) => method === 'initialize').length;
    server.forget();
    expect(await call(name, 'echo', { text: 'again' })).toBe('again');
    expect(server.seen.filter((method) => method === 'initialize')).toHaveLength(before + 1);
  },
);

test.each([
  ['cut', 'closed_in_flight', true],
  ['cut_stream', 'closed_in_flight', true],
  ['end_stream', 'closed_in_flight', true],
  ['not_json', 'bad_answer', true],
  ['html', 'bad_answer', true],
  ['broken_event', 'bad_answer', true],
  ['wrong_id', 'bad_answer', true],
  ['large', 'bad_answer', true],
  ['large_stream', 'bad_answer', true],
  ['status_500', 'bad_answer', true],
  ['status_502', 'closed_in_flight', true],
  ['status_503', 'unreachable', false],
])('%s is %s, and the next call succeeds', async (tool, kind, sent) => {
  expect(await failureOf(call('plain', tool))).toMatchObject({ kind, sent });
  expect(await call('plain', 'echo', { text: 'on' })).toBe('on');
});

test('a call that is given up, and one that takes too long, are told to the server', async () => {
  const before = plain.seen.filter((method) => method === 'notifications/cancelled').length;
  const giveUp = new AbortController();
  const running = failureOf(call('plain', 'hang', {}, { signal: giveUp.signal }));
  await until(() => plain.seen.includes('hang'));
  giveUp.abort();
  expect(await running).toMatchObject({ kind: 'canceled', sent: true });
  expect(await failureOf(call('plain', 'hang', {}, { timeoutMs: 100 }))).toMatchObject({ kind: 'timeout', sent: true });
  await until(() => plain.seen.filter((method) => method === 'notifications/cancelled').length === before + 2);
});

test('a bearer token is a secret that was granted, and nothing without the grant', async () => {
  expect(await failureOf(call('guarded', 'echo', { text: 'x' }))).toMatchObject({
    kind: 'unreachable',
    sent: false,
    suggestion: expect.stringContaining('tutti secret grant'),
  });
  await grantSecret(bench.database.db, 'mail-token', { host: '127.0.0.1' });
  expect(await call('guarded', 'echo', { text: 'x' })).toBe('x');
  expect(guarded.authorization()).toBe(`Bearer ${bearer}`);
});

test('a server that refuses our credentials is unreachable, and its status holds none of them', async () => {
  expect(await failureOf(call('denied', 'echo', { text: 'x' }))).toMatchObject({ kind: 'unreachable', sent: false });
  const told = JSON.stringify(bench.downstream.status());
  expect(told).not.toContain(bearer);
  expect(told).not.toContain('a-secret-of-the-client');
});

test.each(['found', 'told'])(
  '%s: a token comes by client credentials, and a new one when that has ended',
  async (name) => {
    expect(await call(name, 'echo', { text: 'x' })).toBe('x');
    const first = byOauth.authorization();
    await Promise.all([call(name, 'echo', { text: 'y' }), call(name, 'echo', { text: 'z' })]);
    expect(byOauth.authorization()).toBe(first);
    ended.add(first);
    expect(await call(name, 'echo', { text: 'x' })).toBe('x');
    expect(byOauth.authorization()).not.toBe(first);
  },
);

test('what does not answer, and where it redirects elsewhere, is unreachable', async () => {
  expect(await failureOf(call('down', 'echo'))).toMatchObject({ kind: 'unreachable', sent: false });
  expect(await failureOf(call('redirected', 'echo'))).toMatchObject({ kind: 'unreachable', sent: false });
});

test('a private address is refused unless the operator lists it', async () => {
  const closed = await createDownstreamBench([{ name: 'plain', url: plain.url }]);
  const before = plain.seen.length;
  expect(await failureOf(closed.downstream.call('plain', 'echo', {}))).toMatchObject({
    kind: 'unreachable',
    sent: false,
    message: expect.stringContaining('not public'),
  });
  expect(plain.seen).toHaveLength(before);
  await closed.close();
});

test('the session ends with the connection', async () => {
  const next = bench.another();
  expect(await next.call('plain', 'echo', { text: 'x' })).toBe('x');
  await next.close();
  expect(plain.seen.at(-1)).toBe('DELETE');
});

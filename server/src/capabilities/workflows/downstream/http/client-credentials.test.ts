import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEgressFetch } from '../../../../core/egress.ts';
import { clientCredentials } from './client-credentials.ts';

let server: Server;
let tokenUrl: string;
let asked: { authorization: string | undefined; body: URLSearchParams }[];
let answer: { status: number; body: unknown };
const egress = createEgressFetch({ allow: ['127.0.0.1'], maxBytes: 10_000 });
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = new URLSearchParams(Buffer.concat(chunks).toString());
      asked.push({ authorization: request.headers.authorization, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterAll(async () => {
  await egress.close();
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 } };
});

let secret = 'a secret: with a colon';
const source = (more = {}) =>
  clientCredentials({
    fetch: egress.fetch,
    url: 'https://mail.example.com/mcp',
    oauth: { client_id: 'tutti', client_secret: 'secret:x', token_url: tokenUrl, ...more },
    clientSecret: async (host) => (host === '127.0.0.1' ? secret : ''),
  });

test('one token serves all who ask, at once and later', async () => {
  const tokens = source({ scope: 'mail' });
  expect(await Promise.all([tokens.token(), tokens.token(), tokens.token()])).toEqual(Array(3).fill('token-1'));
  expect(await tokens.token()).toBe('token-1');
  expect(asked).toHaveLength(1);
  const [{ authorization, body } = { authorization: '', body: new URLSearchParams() }] = asked;
  expect(Object.fromEntries(body)).toEqual({
    grant_type: 'client_credentials',
    scope: 'mail',
    resource: 'https://mail.example.com/mcp',
  });
  const sent = Buffer.from(authorization?.split(' ')[1] ?? '', 'base64').toString();
  expect(sent.split(':').map(decodeURIComponent)).toEqual(['tutti', 'a secret: with a colon']);
});

test('a token is renewed before its end, with the secret as it is then', async () => {
  answer.body = { access_token: 'token-short', expires_in: 0.2 };
  const tokens = source();
  expect(await tokens.token()).toBe('token-short');
  answer.body = { access_token: 'token-next', expires_in: 3600 };
  secret = 'another-secret';
  await sleep(150);
  expect(await tokens.token()).toBe('token-next');
  expect(Buffer.from(asked[1]?.authorization?.split(' ')[1] ?? '', 'base64').toString()).toBe('tutti:another-secret');
});

test('one that was refused is not used again', async () => {
  const tokens = source();
  await tokens.token();
  await tokens.onUnauthorized?.();
  answer.body = { access_token: 'token-2' };
  expect(await tokens.token()).toBe('token-2');
});

test.each([
  ['a refusal', 401, { error: 'invalid_client' }],
  ['no token', 200, { token_type: 'Bearer' }],
  ['a token that is bound to a key', 200, { access_token: 'bound', token_type: 'DPoP' }],
  ['no JSON', 200, '<html>'],
])('%s is the fault of the server behind it, and asked for again by the next call', async (_, status, body) => {
  answer = { status, body };
  const tokens = source();
  await expect(tokens.token()).rejects.toMatchObject({ kind: 'unreachable', sent: false });
  await expect(tokens.token()).rejects.toMatchObject({ kind: 'unreachable' });
  expect(asked).toHaveLength(2);
});

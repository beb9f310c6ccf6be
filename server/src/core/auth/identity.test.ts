import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { type OidcIssuer, startOidcIssuer } from '../../../test/support/oidc-issuer.ts';
import { createLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { createIdentity } from './identity.ts';
import { createToken } from './tokens.ts';

let database: TestDatabase;
let issuer: OidcIssuer;
beforeAll(async () => {
  database = await createTestDatabase();
  issuer = await startOidcIssuer(['lake:read']);
});
afterAll(async () => {
  await database.close();
  await issuer.stop();
});

const listening = 'http://127.0.0.1:7410';
const identityOf = (...flags: string[]) =>
  createIdentity({
    db: database.db,
    log: createLog('silent'),
    settings: readSettings(['--data-dir', '/nonexistent', ...flags], {}),
    listening: () => listening,
  });
const trusting = (...flags: string[]) =>
  identityOf('--oidc-issuer', issuer.url, '--egress-allow', '127.0.0.0/8', ...flags);
const claims = (more: object = {}) => ({
  iss: issuer.url,
  sub: 'anna',
  aud: listening,
  scope: 'lake:read',
  exp: Math.floor(Date.now() / 1000) + 300,
  ...more,
});
const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

test('the operator chooses audience, claims and grants', async () => {
  const { identify } = trusting(
    ...['--oidc-audience', 'urn:tutti', '--oidc-scope-claim', 'scp', '--oidc-principal-claim', 'email'],
    ...['--oidc-grants', 'realm.roles=team => lake:read lake:write'],
  );
  const given = { aud: ['urn:x', 'urn:tutti'], email: 'a@example.com', scp: ['lake:read'], realm: { roles: ['team'] } };
  const whoIs = async (more: object = {}) => identify(await issuer.sign(claims({ ...given, ...more })), '/mcp');
  expect(await whoIs()).toMatchObject({ name: `oidc:${issuer.url}#a@example.com`, scopes: new Set(['lake:read']) });
  expect((await whoIs({ realm: {} })).scopes).toEqual(new Set());
  expect((await whoIs({ scp: 'lake:write' })).scopes).toEqual(new Set(['lake:write']));
  expect((await whoIs({ scp: undefined })).scopes).toEqual(new Set());
  await expect(whoIs({ email: undefined })).rejects.toEqual(refused);
  await expect(whoIs({ aud: listening })).rejects.toEqual(refused);
});

test('where tokens carry no scopes of ours, the grants alone decide', async () => {
  const { identify } = trusting('--oidc-scope-claim', '', '--oidc-grants', '* => lake:read config:approve');
  const caller = await identify(await issuer.sign(claims({ scope: 'openid' })), '/mcp');
  expect(caller.scopes).toEqual(new Set(['lake:read', 'config:approve']));
});

test('by default everybody may write at most, and nobody approve', async () => {
  const caller = await trusting().identify(
    await issuer.sign(claims({ scope: 'admin writer config:approve lake:destroy' })),
    '/mcp',
  );
  expect(caller).toMatchObject({ admin: false });
  expect(caller.scopes.has('lake:write')).toBe(true);
  for (const scope of ['lake:destroy', 'config:approve', 'config:publish'])
    expect(caller.scopes.has(scope)).toBe(false);
});

test('an administrator needs the grant, and all of its scopes in the token', async () => {
  const { identify } = trusting('--oidc-grants', '* => admin');
  const admin = async (scope: string) => (await identify(await issuer.sign(claims({ scope })), '/mcp')).admin;
  expect([await admin('admin'), await admin('lake:read writer'), await admin('')]).toEqual([true, false, false]);
});

test('an issuer that is not listed is not asked; the failure is told for a while without asking again', async () => {
  const { identify } = identityOf('--oidc-issuer', issuer.url);
  const before = issuer.keyRequests();
  for (let time = 0; time < 3; time += 1) {
    await expect(identify(await issuer.sign(claims()), '/mcp')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }
  expect(issuer.keyRequests()).toBe(before);
  const own = await createToken(database.db, {
    name: 'own',
    grants: ['reader'],
    expiresAt: new Date(Date.now() + 60_000),
  });
  expect((await identify(own.secret, '/mcp')).name).toBe('own');
});

test.each([
  [
    'the configuration of another issuer',
    200,
    '{"issuer":"https://evil.example","jwks_uri":"https://evil.example/jwks"}',
  ],
  ['what is no JSON', 200, '<html>'],
  ['an error', 500, '{}'],
])('an issuer that answers %s is asked once in a while only', async (_what, status, body) => {
  let asked = 0;
  const broken = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => broken.once('listening', resolve));
  const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  const { identify } = identityOf('--oidc-issuer', url, '--egress-allow', '127.0.0.1');
  for (let time = 0; time < 5; time += 1) {
    await expect(identify(await issuer.sign(claims({ iss: url })), '/mcp')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  }
  expect(asked).toBe(1);
  await new Promise((resolve) => broken.close(resolve).closeAllConnections());
});

test('without an issuer a JWT is a bad token', async () => {
  const { identify, issuer: none } = identityOf();
  expect(none).toBeUndefined();
  await expect(identify(await issuer.sign(claims()), '/mcp')).rejects.toEqual(refused);
});

test('behind a proxy the public URL is the only audience', async () => {
  const { identify, bases } = trusting('--public-url', 'https://tutti.example/');
  expect(bases()).toEqual(['https://tutti.example']);
  await identify(await issuer.sign(claims({ aud: 'https://tutti.example/mcp' })), '/mcp');
  await expect(identify(await issuer.sign(claims()), '/mcp')).rejects.toEqual(refused);
});

test.each(['reader', '* => ', '* => emperor', '=x => reader', 'roles= => reader', 'roles => reader'])(
  'the grant rule %j stops the start',
  (rule) => expect(() => trusting('--oidc-grants', rule)).toThrow(/oidc\.grants/),
);

test.each(['http://issuer.example', 'ftp://127.0.0.1', 'issuer'])('the issuer %s stops the start', (url) =>
  expect(() => identityOf('--oidc-issuer', url)).toThrow(/oidc\.issuer/),
);

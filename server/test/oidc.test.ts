import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { type OidcIssuer, startOidcIssuer } from './support/oidc-issuer.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const scopes = ['lake:read', 'lake:write', 'lake:destroy', 'system:read', 'config:approve', 'admin'];
let issuer: OidcIssuer;
let server: TestServer;
beforeAll(async () => {
  issuer = await startOidcIssuer(scopes);
  const grants = '* => writer config:audit,roles=chiefs => admin';
  server = await startTestServer(['--oidc-issuer', issuer.url, '--egress-allow', '127.0.0.1', '--oidc-grants', grants]);
});
afterAll(async () => {
  await server.stop();
  await issuer.stop();
});

const now = () => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer.url,
  sub: 'anna',
  aud: `${server.url}/mcp`,
  scope: 'lake:read system:read',
  iat: now(),
  exp: now() + 300,
  ...more,
});
const list = (token: string) => server.call('list_datasets', {}, token);
const register = (name: string, token: string) =>
  server.call('register_dataset', { name, uri: `tutti://${name}` }, token);

describe('a token of the issuer', () => {
  test('by the client credentials grant, for this resource, may do what its scopes say', async () => {
    const token = await issuer.token(`${server.url}/mcp`, 'lake:read');
    expect((await list(token)).status).toBe(200);
    expectFailure(await register('by-jwt', token), 403, 'FORBIDDEN');
    const writer = await issuer.token(`${server.url}/mcp`, 'lake:read lake:write');
    expect((await register('by-jwt', writer)).status).toBe(200);
  });

  test('is one principal, named by issuer and subject, however many tokens it has', async () => {
    const [one, two] = [await issuer.sign(claims()), await issuer.sign(claims({ jti: 'other' }))];
    await Promise.all([list(one), list(two), list(one)]);
    const names = await principalNames();
    expect(names.filter((name) => name.endsWith('#anna'))).toEqual([`oidc:${issuer.url}#anna`]);
  });

  test('never gets more than the operator grants, whatever its scopes', async () => {
    const token = await issuer.sign(claims({ scope: 'lake:read lake:write lake:destroy config:approve admin openid' }));
    expect((await register('granted', token)).status).toBe(200);
    expect(await grantsOf('anna')).toEqual(['config:audit', 'writer']);
  });

  test('gets the grants of a claim for as long as it has the claim', async () => {
    await list(await issuer.sign(claims({ sub: 'chief', roles: ['chiefs', 'others'] })));
    expect(await grantsOf('chief')).toEqual(['admin', 'config:audit', 'writer']);
    await list(await issuer.sign(claims({ sub: 'chief', roles: ['chief'] })));
    expect(await grantsOf('chief')).toEqual(['config:audit', 'writer']);
  });

  test('that is a minute late, or early, is taken: clocks differ', async () => {
    expect((await list(await issuer.sign(claims({ exp: now() - 30 })))).status).toBe(200);
    expect((await list(await issuer.sign(claims({ nbf: now() + 30 })))).status).toBe(200);
  });

  test('for one endpoint holds at that endpoint', async () => {
    const token = await issuer.sign(claims({ aud: `${server.url}/mcp/lake` }));
    expect(await initialize('/mcp/lake', token)).toBe(200);
    expect(await initialize('/mcp/all', token)).toBe(401);
    expect((await list(token)).status).toBe(401);
  });
});

describe('a JWT that the issuer did not make for us is refused like any other bad token', () => {
  const cases: Record<string, () => Promise<string>> = {
    'no signature': async () => new UnsecuredJWT(claims()).encode(),
    'no signature, in capitals': async () => forgeHeader(await issuer.sign(claims()), { alg: 'NONE' }, ''),
    'HS256 with the public key as its secret': async () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .sign(new TextEncoder().encode(JSON.stringify(issuer.publicJwk))),
    'another issuer': () => issuer.sign(claims({ iss: 'https://evil.example' })),
    'an issuer that only begins like ours': () => issuer.sign(claims({ iss: `${issuer.url}.evil.example` })),
    'no issuer': () => issuer.sign(without('iss')),
    'another audience': () => issuer.sign(claims({ aud: 'https://other.example/mcp' })),
    'an audience that only begins like ours': () => issuer.sign(claims({ aud: `${server.url}/mcp.evil` })),
    'our name at another port': () => issuer.sign(claims({ aud: 'http://127.0.0.1:1/mcp' })),
    'no audience': () => issuer.sign(without('aud')),
    expired: () => issuer.sign(claims({ exp: now() - 90 })),
    'not yet valid': () => issuer.sign(claims({ nbf: now() + 90 })),
    'without an end': () => issuer.sign(without('exp')),
    'an unknown key id': () => issuer.sign(claims(), { kid: 'second' }),
    'a key of somebody else': async () => issuer.sign(claims(), {}, (await generateKeyPair('RS256')).privateKey),
    'a key that it brings itself': async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return issuer.sign(claims(), { jku: 'http://127.0.0.1:1/jwks' }, privateKey);
    },
    'tampered claims': async () => forgeClaims(await issuer.sign(claims()), claims({ sub: 'chief' })),
    'a broken signature': async () => `${(await issuer.sign(claims())).slice(0, -8)}AAAAAAAA`,
    'an id or logout token': () => issuer.sign(claims(), { typ: 'logout+jwt' }),
    'bound to a key': () => issuer.sign(claims({ cnf: { jkt: 'x' } })),
    'no subject': () => issuer.sign(without('sub')),
    'a subject that no database can hold': () => issuer.sign(claims({ sub: 'a\u0000b' })),
    'a subject without end': () => issuer.sign(claims({ sub: 'x'.repeat(300) })),
    'not JSON inside': async () => 'e30.e30.e30',
    'nothing inside': async () => '..',
  };

  test.each(Object.entries(cases))('%s', async (_what, make) => {
    const token = await make();
    const before = await principalNames();
    const answer = await changesNothing(server, () => register('forged', token));
    const error = expectFailure(answer, 401, 'UNAUTHENTICATED');
    expect(error).toEqual((await list('tutti_unknown')).body.error);
    expect(await initialize('/mcp', token)).toBe(401);
    expect(await principalNames()).toEqual(before);
  });

  test('and does not make this server ask for keys without end', async () => {
    await list(await issuer.sign(claims()));
    const asked = issuer.keyRequests();
    for (let index = 0; index < 20; index += 1) await list(await issuer.sign(claims(), { kid: `k${index}` }));
    expect(issuer.keyRequests() - asked).toBeLessThanOrEqual(1);
  });
});

describe('who has no token', () => {
  const metadata = '/.well-known/oauth-protected-resource';
  const challengeOf = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${server.url}${path}`, { method: 'POST', body: '{}', ...init })).headers.get('www-authenticate');

  test.each(['/mcp', '/mcp/lake', '/mcp/all'])('is led from %s to the issuer', async (path) => {
    const challenge = await challengeOf(path);
    expect(challenge).toMatch(/^Bearer resource_metadata="[^"]+", scope="[^"]*lake:read[^"]*"$/);
    expect(challenge).not.toContain(':destroy');
    const url = /resource_metadata="([^"]+)"/.exec(challenge ?? '')?.[1] ?? '';
    expect(url).toBe(`${server.url}${metadata}${path}`);
    expect(await (await fetch(url)).json()).toMatchObject({
      resource: `${server.url}${path}`,
      authorization_servers: [issuer.url],
      bearer_methods_supported: ['header'],
      scopes_supported: expect.arrayContaining(['lake:read', 'system:read']),
    });
  });

  test('finds the server as a whole at the plain name, and nothing for what is not there', async () => {
    expect(await (await fetch(`${server.url}${metadata}`)).json()).toMatchObject({ resource: server.url });
    for (const path of ['/mcp/kitchen', '/mcp/lake/x', '/tools', '/mcpx']) {
      expect((await raw(`${server.url}${metadata}${path}`)).status, path).toBe(404);
    }
  });

  test('is told by the name that was called, if it is one of ours', async () => {
    const { port } = new URL(server.url);
    const at = async (host: string) => (await raw(`${server.url}${metadata}/mcp`, { headers: { host } })).body.resource;
    expect(await at(`localhost:${port}`)).toBe(`http://localhost:${port}/mcp`);
    expect(await at('localhost:1')).toBe(`${server.url}/mcp`);
  });

  test('or a bad one is told so; whoever lacks a scope, which one', async () => {
    expect(await challengeOf('/mcp', { headers: { authorization: 'Bearer x.y.z' } })).toContain(
      'error="invalid_token"',
    );
    const token = await issuer.token(`${server.url}/mcp`, 'lake:read');
    const headers = { authorization: `Bearer ${token}` };
    expect(await challengeOf('/tools/register_dataset', { headers })).toBe(
      `Bearer error="insufficient_scope", scope="lake:write", resource_metadata="${server.url}${metadata}"`,
    );
    expect(await challengeOf('/tools/register_dataset')).toContain('scope="lake:write"');
  });

  test('an MCP client finds its way by itself', async () => {
    const authProvider = new ClientCredentialsProvider({
      clientId: issuer.client.id,
      clientSecret: issuer.client.secret,
      expectedIssuer: issuer.url,
    });
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/lake`), { authProvider }));
    const arguments_ = { name: 'by-client', uri: 'tutti://by-client' };
    expect((await client.callTool({ name: 'register_dataset', arguments: arguments_ })).isError).toBeFalsy();
    // The issuer knows no such scope, so the client could not get it although it was told to ask for it.
    const refused = await client.callTool({ name: 'cancel_job', arguments: { job_id: 'job_none' } });
    expect(JSON.parse((refused.content as { text: string }[])[0]?.text ?? '')).toMatchObject({
      error: { code: 'FORBIDDEN', details: { required_scope: 'system:write' } },
    });
    await client.close();
  });
});

function without(name: string): JWTPayload {
  return claims({ [name]: undefined });
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function forgeHeader(token: string, header: object, signature: string): string {
  return [encode(header), token.split('.')[1], signature].join('.');
}

function forgeClaims(token: string, payload: JWTPayload): string {
  const [header, , signature] = token.split('.');
  return [header, encode(payload), signature].join('.');
}

async function initialize(path: string, token: string): Promise<number> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  await response.text();
  return response.status;
}

async function principals(): Promise<{ name: string; grants: string[] }[]> {
  const { rows } = await sql<{
    name: string;
    grants: string[];
  }>`select name, grants from principals order by name`.execute(server.database.db);
  return rows;
}

const principalNames = async () => (await principals()).map((row) => row.name);
const grantsOf = async (subject: string) =>
  (await principals()).find((row) => row.name === `oidc:${issuer.url}#${subject}`)?.grants;

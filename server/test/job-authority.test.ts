import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from '../src/core/auth/tokens.ts';
import { findJob } from '../src/core/jobs/store.ts';
import { lakeOf } from './support/lake.ts';
import { connectors } from './support/mcp-clients.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let dataset: string;
beforeAll(async () => {
  server = await startTestServer();
  const lake = lakeOf(server);
  dataset = await lake.dataset('small');
  await lake.upload(dataset, 'raw/one.csv', 'a,b\n1,2\n');
  await lake.commit(dataset, 'v1');
});
afterAll(() => server.stop());

const authority = async (jobId: string) => (await findJob(server.database.db, jobId))?.authority;
const narrowed = (name: string, only: readonly string[]) =>
  createToken(server.database.db, { name, grants: ['admin'], only, expiresAt: new Date(Date.now() + 3_600_000) });

test('a job keeps what the token could do that started it', async () => {
  const { id, secret } = await narrowed('anna', ['lake:write', 'lake:read']);
  const { body } = await server.call('validate', { dataset_id: dataset }, secret);
  expect(await authority(body.id)).toEqual({ scopes: ['lake:read', 'lake:write'], admin: false, tokenId: id });
  const { body: wide } = await server.call('validate', { dataset_id: dataset });
  expect(await authority(wide.id)).toMatchObject({ admin: true });
});

test.each([
  ['/mcp/all', { 'X-MCP-Toolsets': 'lake' }, ['lake:read', 'lake:write', 'system:read'], false],
  ['/mcp/all', {}, ['lake:read', 'lake:write', 'ops:write', 'system:read'], false],
  // An address is what is shown, not what may be done.
  ['/mcp/lake', {}, ['lake:read', 'lake:write', 'ops:write', 'system:read'], false],
])('over MCP at %s with %o it keeps what the connection was narrowed to', async (path, headers, scopes, admin) => {
  const { secret } = await narrowed('berta', ['ops:write', 'system:read', 'lake:write', 'lake:read']);
  for (const connect of Object.values(connectors)) {
    const { client } = await connect(`${server.url}${path}`, secret, headers as Record<string, string>);
    const viaCallTool = { name: 'call_tool', arguments: { name: 'validate', input: { dataset_id: dataset } } };
    for (const call of [{ name: 'validate', arguments: { dataset_id: dataset } }, viaCallTool]) {
      const { structuredContent } = await client.callTool(call);
      expect(await authority(structuredContent.id)).toMatchObject({ scopes, admin });
    }
    await client.close();
  }
});

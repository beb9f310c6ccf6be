import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fullCatalogue } from './support/catalogue.ts';
import { changesNothing, expectEnvelope } from './support/failure.ts';
import { connectors } from './support/mcp-clients.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--mcp-read-only']);
});
afterAll(() => server.stop());

const input = { name: 'never', uri: 'tutti://never' };

describe.each(Object.entries(connectors))('%s', (_kind, connect) => {
  test('the operator makes all MCP endpoints read-only, and no header undoes it', async () => {
    const wanted = fullCatalogue().faces.filter((face) => face.effect === 'read' || face.name === 'call_tool');
    const { client } = await connect(`${server.url}/mcp/all`, server.admin, { 'X-MCP-Readonly': 'false' });
    const { tools } = await client.listTools();
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(wanted.map((face) => face.name));
    await changesNothing(server, async () => {
      for (const call of [
        { name: 'register_dataset', arguments: input },
        { name: 'call_tool', arguments: { name: 'register_dataset', input } },
      ]) {
        const result = await client.callTool(call);
        expect(result.isError).toBe(true);
        const { details } = expectEnvelope(JSON.parse(result.content[0].text), 'FORBIDDEN');
        expect(details).toEqual({ read_only: true });
      }
    });
    await client.close();
  });
});

test('REST goes by the scopes of the token', async () => {
  expect((await server.call('register_dataset', { name: 'rest', uri: 'tutti://rest' })).status).toBe(200);
});

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bridge, bridgeConnectors, connectBridge } from '../support/bridge.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  // No bridge needs it, and none may use it.
  await rm(path.join(server.dataDir, 'admin.token'));
});
afterAll(() => server.stop());

describe.each(Object.entries(bridgeConnectors))('a server that runs, by the %s', (kind, connect) => {
  let bridge: Bridge;
  const prefix = kind.replace(/\W/g, '');
  beforeAll(async () => {
    bridge = await connect(server.dataDir);
  });
  afterAll(() => bridge.client.close());

  test('agrees on a revision', () => {
    if (kind === 'v2 client, negotiating') expect(bridge.revision).toBe('2026-07-28');
    if (kind === 'v2 client, legacy') expect(bridge.revision).toBe('2025-11-25');
    expect(bridge.client.getInstructions()).toContain('job_status');
  });

  test('lists what the server lists', async () => {
    const { tools } = await bridge.client.listTools();
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(
      expect.arrayContaining(['job_status', 'register_dataset', 'search_dataset']),
    );
  });

  test('calls, with text of every kind, and sees what others did', async () => {
    const metadata = { text: '\u2028 ✓ 𝄞 \r\n' };
    const made = await bridge.client.callTool({
      name: 'register_dataset',
      arguments: { name: prefix, uri: `tutti://${prefix}`, metadata },
    });
    expect(made.structuredContent).toMatchObject({ name: prefix, metadata });
    const { id } = made.structuredContent;
    expect((await server.call('get_dataset', { dataset_id: id })).body).toMatchObject({ metadata });
    const { contents } = await bridge.client.readResource({ uri: `dataset://${id}` });
    expect(JSON.parse(contents[0].text)).toMatchObject({ id, metadata });
  });

  test('passes errors of tools and of the protocol on', async () => {
    const failed = await bridge.client.callTool({ name: 'get_dataset', arguments: { dataset_id: 'ds_none' } });
    expect(failed.isError).toBe(true);
    expect(JSON.parse(failed.content[0].text)).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
    await expect(bridge.client.readResource({ uri: 'dataset://none' })).rejects.toMatchObject({ code: -32602 });
    await expect(bridge.client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toMatchObject({
      code: -32602,
    });
  });

  test('answers many requests at once, each to its own', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${prefix}-${index}`);
    const made = await Promise.all(
      names.map((name) =>
        bridge.client.callTool({ name: 'register_dataset', arguments: { name, uri: `tutti://${name}` } }),
      ),
    );
    expect(made.map((answer) => answer.structuredContent.name)).toEqual(names);
  });

  test('says on standard error what passed, and nothing that is secret', () => {
    const notes = bridge.notes();
    expect(notes).toMatch(/→ tools\/call register_dataset #\d+/);
    expect(notes).toMatch(/← result #\d+, \d+ characters/);
    expect(notes).not.toMatch(/tutti_|✓|tutti:\/\//);
  });
});

test.each(['orcaops-mcp', 'orchestra-mcp'])('%s shows its toolset and the system’s', async (command) => {
  const { client } = await connectBridge(server.dataDir, { command });
  const { tools } = await client.listTools();
  const names = tools.map((tool: { name: string }) => tool.name);
  expect(names).toContain('job_status');
  expect(names).not.toContain('register_dataset');
  await client.close();
});

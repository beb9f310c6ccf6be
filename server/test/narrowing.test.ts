import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToolFace } from '../src/core/catalogue.ts';
import { fullCatalogue } from './support/catalogue.ts';
import { changesNothing, expectEnvelope, expectFailure } from './support/failure.ts';
import { type AnyClient, connectors } from './support/mcp-clients.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--orchestra-allow-writes']);
});
afterAll(() => server.stop());

const { faces } = fullCatalogue();
const named = (keep: (face: ToolFace) => boolean) => faces.filter(keep).map((face) => face.name);
/** To approve is granted by itself, to administrators too. */
const forAdmin = (face: ToolFace) => face.scope !== 'config:approve';
const common = ({ common: is }: ToolFace) => is;
const of = (toolset: string) => (face: ToolFace) => face.toolset === toolset || face.toolset === 'system';
/** What read-only mode lists: call_tool is there, for it calls reading tools too. */
const reading = ({ effect, name }: ToolFace) => effect === 'read' || name === 'call_tool';

const register = { name: 'register_dataset', arguments: { name: 'never', uri: 'tutti://never' } };

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describe.each(Object.entries(connectors))('%s', (_kind, connect) => {
  async function at<T>(
    path: string,
    headers: Record<string, string>,
    work: (client: AnyClient) => Promise<T>,
    { base = server.url, token = server.admin } = {},
  ): Promise<T> {
    const { client } = await connect(`${base}${path}`, token, headers);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
  const listed = async (client: AnyClient): Promise<string[]> =>
    (await client.listTools()).tools.map((tool: { name: string }) => tool.name);

  test.each<[string, Record<string, string>, (face: ToolFace) => boolean]>([
    ['/mcp', { 'X-MCP-Toolsets': 'lake' }, (face) => common(face) && of('lake')(face)],
    ['/mcp', { 'X-MCP-Toolsets': 'system' }, (face) => common(face) && of('system')(face)],
    ['/mcp', { 'X-MCP-Toolsets': 'ops,config' }, (face) => common(face) && (of('ops')(face) || of('config')(face))],
    ['/mcp/all', { 'X-MCP-Toolsets': 'lake' }, of('lake')],
    ['/mcp/lake', { 'X-MCP-Toolsets': 'ops' }, of('system')],
    ['/mcp/all', { 'X-MCP-Readonly': 'true' }, reading],
    ['/mcp/all', { 'X-MCP-Readonly': 'false' }, forAdmin],
    ['/mcp/lake', { 'X-MCP-Readonly': 'true' }, (face) => of('lake')(face) && reading(face)],
    [
      '/mcp',
      { 'X-MCP-Readonly': 'true', 'X-MCP-Toolsets': 'system' },
      (face) => common(face) && of('system')(face) && reading(face),
    ],
  ])('%s with %o lists what is left', async (path, headers, keep) => {
    expect(await at(path, headers, listed)).toEqual(named(keep));
  });

  test('calls are narrowed like lists, directly and through call_tool', async () => {
    await changesNothing(server, async () => {
      await at('/mcp', { 'X-MCP-Toolsets': 'ops' }, async (client) => {
        const error = await failureOf(client.callTool(register));
        expect(error.code).toBe(-32602);
        expectEnvelope(error.data, 'UNKNOWN_TOOL');
        expectEnvelope(await refused(client, 'register_dataset', register.arguments), 'UNKNOWN_TOOL');
        expectEnvelope(await refused(client, 'list_datasets', {}), 'UNKNOWN_TOOL');
      });
      await at('/mcp', { 'X-MCP-Readonly': 'true' }, async (client) => {
        const { details } = expectEnvelope(errorOf(await client.callTool(register)), 'FORBIDDEN');
        expect(details).toEqual({ read_only: true });
        expectEnvelope(await refused(client, 'register_dataset', register.arguments), 'FORBIDDEN');
        expect((await viaCallTool(client, 'list_datasets', {})).structuredContent).toHaveProperty('items');
      });
    });
  });

  test('resources and prompts are narrowed as well', async () => {
    await at('/mcp/system', {}, async (client) => {
      const { resourceTemplates } = await client.listResourceTemplates();
      expect(resourceTemplates.map((one: { name: string }) => one.name)).toEqual(['job']);
      expectEnvelope((await failureOf(client.readResource({ uri: 'dataset://ds_x' }))).data, 'NOT_FOUND');
      expect((await client.listPrompts()).prompts.map((one: { name: string }) => one.name)).toEqual(['system']);
      expectEnvelope((await failureOf(client.getPrompt({ name: 'lake' }))).data, 'NOT_FOUND');
    });
  });

  test('a token without the scope finds nothing of the toolset', async () => {
    const { secret: token } = await server.token('system-only', ['system:read']);
    await at('/mcp', {}, sees, { token });
    async function sees(client: AnyClient) {
      const tools = await found(client, { query: 'dataset', page_size: 100 });
      expect(tools.map((one) => one.toolset)).not.toContain('lake');
      expectEnvelope(errorOf(await client.callTool(describing('list_datasets'))), 'UNKNOWN_TOOL');
      expectEnvelope(await refused(client, 'list_datasets', {}), 'FORBIDDEN');
      expect((await client.listPrompts()).prompts.map((one: { name: string }) => one.name)).toEqual(['system']);
      const ref = { type: 'ref/resource' as const, uri: 'dataset://{id}' };
      expect((await client.complete({ ref, argument: { name: 'id', value: '' } })).completion.values).toEqual([]);
    }
  });

  test('search_tools finds by words and pages; describe_tool shows; call_tool calls', async () => {
    await at('/mcp', {}, async (client) => {
      const first = await found(client, { query: 'search rows' });
      expect(first[0]).toMatchObject({ name: 'search_dataset', toolset: 'lake', effect: 'read' });
      expect((await found(client, { query: 'cancel', toolset: 'lake' })).map((one) => one.name)).not.toContain(
        'cancel_job',
      );
      expect(await found(client, { query: 'zzzz' })).toEqual([]);

      const seen: string[] = [];
      for (let page: string | undefined, more = true; more; more = page !== undefined) {
        const { structuredContent } = await client.callTool({
          name: 'search_tools',
          arguments: { page_size: 7, ...(page && { page }) },
        });
        seen.push(...structuredContent.items.map((one: { name: string }) => one.name));
        page = structuredContent.next_page;
      }
      expect(seen).toEqual(named(forAdmin));

      const face = faces.find(({ name }) => name === 'resolve_in_doubt_call');
      expect((await client.callTool(describing('resolve_in_doubt_call'))).structuredContent).toMatchObject({
        name: 'resolve_in_doubt_call',
        effect: 'write',
        input_schema: face?.inputSchema,
        output_schema: face?.outputSchema,
      });
      expectEnvelope(await refused(client, 'resolve_in_doubt_call', { job_id: 'x', outcome: 'repeat' }), 'NOT_FOUND');
      expectEnvelope(await refused(client, 'call_tool', { name: 'list_datasets' }), 'BAD_REQUEST');
      expectEnvelope(await refused(client, 'no_such_tool', {}), 'UNKNOWN_TOOL');
      const bad = expectEnvelope(await refused(client, 'list_datasets', { page_size: 'x' }), 'VALIDATION_FAILED');
      expect((bad.details as { issues: { path: string }[] }).issues).toMatchObject([{ path: 'page_size' }]);
    });
  });

  test('the audit names the tool that was called, once', async () => {
    const name = `audited-${crypto.randomUUID()}`;
    const { secret: token } = await server.token(name, ['system:read', 'lake:write']);
    await at('/mcp', {}, calls, { token });
    async function calls(client: AnyClient) {
      await viaCallTool(client, 'register_dataset', { name, uri: `tutti://${name}` });
      expectEnvelope(await refused(client, 'register_dataset', { name }), 'VALIDATION_FAILED');
      expectEnvelope(await refused(client, 'cancel_job', { job_id: 'x' }), 'FORBIDDEN');
      const { structuredContent } = await viaCallTool(client, 'list_audit_entries', {});
      expect(structuredContent.items.map((entry: Body) => [entry.tool, entry.outcome])).toEqual([
        ['cancel_job', 'FORBIDDEN'],
        ['register_dataset', 'VALIDATION_FAILED'],
        ['register_dataset', 'ok'],
      ]);
    }
  });

  test('the idempotency key of a call through call_tool is that of the tool', async () => {
    await at('/mcp', {}, async (client) => {
      const name = `once-${crypto.randomUUID()}`;
      const input = { name, uri: `tutti://${name}`, idempotency_key: name };
      const direct = await client.callTool({ name: 'register_dataset', arguments: input });
      const again = await viaCallTool(client, 'register_dataset', input);
      expect(again.structuredContent).toEqual(direct.structuredContent);
      const other = { ...input, name: `${name}-2` };
      expectEnvelope(await refused(client, 'register_dataset', other), 'IDEMPOTENCY_CONFLICT');
    });
  });
});

test('a header that is not understood is refused before anything is done', async () => {
  for (const [name, value] of [
    ['x-mcp-toolsets', 'lake,nonsense'],
    ['x-mcp-readonly', 'perhaps'],
  ] as const) {
    const headers = {
      authorization: `Bearer ${server.admin}`,
      'content-type': 'application/json',
      host: new URL(server.url).host,
      [name]: value,
    };
    const answer = await raw(`${server.url}/mcp`, { method: 'POST', headers, body: ['{}'] });
    expectFailure(answer, 400, 'BAD_REQUEST');
  }
});

const describing = (name: string) => ({ name: 'describe_tool', arguments: { name } });

async function found(client: AnyClient, input: object): Promise<Body[]> {
  const result = await client.callTool({ name: 'search_tools', arguments: { ...input } });
  return result.structuredContent.items;
}

function viaCallTool(client: AnyClient, name: string, input: object): Promise<Body> {
  return client.callTool({ name: 'call_tool', arguments: { name, input } });
}

async function refused(client: AnyClient, name: string, input: object): Promise<unknown> {
  return errorOf(await viaCallTool(client, name, input));
}

function errorOf(result: Body): unknown {
  expect(result.isError).toBe(true);
  return JSON.parse(result.content[0].text);
}

async function failureOf(call: Promise<unknown>): Promise<{ code: number; data: unknown }> {
  return call.then(
    () => expect.unreachable('the call must fail'),
    (error) => error,
  );
}

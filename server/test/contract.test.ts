import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toListed } from '../src/surfaces/listed-face.ts';
import { fullCatalogue } from './support/catalogue.ts';
import { expectEnvelope } from './support/failure.ts';
import { type Connected, connectors } from './support/mcp-clients.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--orchestra-allow-writes']);
});
afterAll(() => server.stop());

const { faces } = fullCatalogue();
const names = (toolset?: string) =>
  faces
    .filter((face) => toolset === undefined || face.toolset === toolset || face.toolset === 'system')
    // To approve is granted by itself, to administrators too.
    .filter((face) => face.scope !== 'config:approve')
    .map((face) => face.name);
const expected: Readonly<Record<string, string[]>> = {
  '/mcp': faces.filter((face) => face.common).map((face) => face.name),
  '/mcp/lake': names('lake'),
  '/mcp/system': names('system'),
  '/mcp/all': names(),
};

describe.each(Object.entries(connectors))('%s', (kind, connect) => {
  let connected: Connected;
  const at = (path: string) => connect(`${server.url}${path}`, server.admin);
  beforeAll(async () => {
    connected = await at('/mcp');
    await connected.client.listTools(); // from here on the client checks answers against the output schemas
  });
  afterAll(() => connected.client.close());

  test('speaks the newest revision that the client knows', () => {
    expect(connected.revision).toBe(kind === 'v2 client, negotiating' ? '2026-07-28' : '2025-11-25');
    expect(connected.client.getInstructions()).toContain('job_status');
  });

  test.each(Object.entries(expected))('%s lists its tools in the order of the catalogue', async (path, wanted) => {
    const { client } = await at(path);
    const { tools, nextCursor } = await client.listTools();
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(wanted);
    expect(nextCursor).toBeUndefined();
    for (const tool of tools) {
      const face = faces.find((known) => known.name === tool.name) as (typeof faces)[number];
      expect(tool).toMatchObject(toListed(face, { brief: path === '/mcp' }));
      if (path !== '/mcp') expect(tool.outputSchema).toEqual(face.outputSchema);
    }
    await client.close();
  });

  test('a success is structured, and its text is the exact JSON of it', async () => {
    for (const [name, input] of [
      ['list_capabilities', {}],
      ['list_datasets', { page_size: 1 }],
      ['register_dataset', { name: slug(kind), uri: `tutti://${slug(kind)}`, labels: { é: '"<&>\u2028' } }],
    ] as const) {
      const result = await connected.client.callTool({ name, arguments: input });
      expect(result.isError).toBeFalsy();
      expect(result.content).toHaveLength(1);
      expect(result.content[0].type).toBe('text');
      expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
    }
  });

  test('arguments may be left out', async () => {
    const result = await connected.client.callTool({ name: 'list_capabilities' });
    expect(result.structuredContent).toMatchObject({ flags: { 'ingest.lance': true }, mcp_version: '2026-07-28' });
  });

  test('an error is the envelope, as the only text and without structured content', async () => {
    const result = await connected.client.callTool({ name: 'get_dataset', arguments: { dataset_id: 'ds_none' } });
    expect(result.structuredContent).toBeUndefined();
    expectEnvelope(errorOf(result), 'NOT_FOUND');
  });

  test('bad arguments are named by their path', async () => {
    const result = await connected.client.callTool({
      name: 'list_datasets',
      arguments: { page_size: 'many', filter: { tags: [1] }, nonsense: true },
    });
    const { details } = expectEnvelope(errorOf(result), 'VALIDATION_FAILED');
    const issues = (details as { issues: { path: string }[] }).issues;
    expect(issues.map((issue) => issue.path).sort()).toEqual(['', 'filter.tags.0', 'page_size']);
  });

  test('an unknown tool is a protocol error with the envelope in its data', async () => {
    const error = await failure(connected.client.callTool({ name: 'no_such_tool', arguments: {} }));
    expect(error.code).toBe(-32602);
    expectEnvelope(error.data, 'UNKNOWN_TOOL');
  });

  test('the endpoint of another toolset knows neither its tools nor what they would say', async () => {
    const { client } = await at('/mcp/system');
    const error = await failure(client.callTool({ name: 'get_dataset', arguments: { dataset_id: 'ds_none' } }));
    expect(error.code).toBe(-32602);
    expectEnvelope(error.data, 'UNKNOWN_TOOL');
    await client.close();
  });

  test('the default endpoint takes tools that it does not list', async () => {
    expect(faces.find((face) => face.name === 'resolve_in_doubt_call')?.common).toBe(false);
    const result = await connected.client.callTool({
      name: 'resolve_in_doubt_call',
      arguments: { job_id: 'job_none', outcome: 'repeat' },
    });
    expectEnvelope(errorOf(result), 'NOT_FOUND');
  });

  test('a token lists only what it may call, and is refused the rest', async () => {
    const { secret } = await server.token(`reader-${slug(kind)}`, ['lake:read']);
    const { client } = await connect(`${server.url}/mcp`, secret);
    const { tools } = await client.listTools();
    const wanted = faces.filter((face) => face.common && face.scope === 'lake:read').map((face) => face.name);
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(wanted);
    const result = await client.callTool({ name: 'register_dataset', arguments: { name: 'x', uri: 'tutti://x' } });
    expect(expectEnvelope(errorOf(result), 'FORBIDDEN').details).toEqual({ required_scope: 'lake:write' });
    await client.close();
  });

  test('a job, a dataset and a workflow run are resources', async () => {
    const { resourceTemplates } = await connected.client.listResourceTemplates();
    expect(resourceTemplates).toEqual(
      expect.arrayContaining(
        Object.entries({ job: 'id', dataset: 'id', 'pipeline-run': 'run_id' }).map(([name, id]) =>
          expect.objectContaining({ uriTemplate: `${name}://{${id}}`, name, mimeType: 'application/json' }),
        ),
      ),
    );
    expect((await connected.client.listResources()).resources).toEqual([]);
    const job = await someJob();
    const uri = `job://${job.id}`;
    const { contents } = await connected.client.readResource({ uri });
    expect(contents).toEqual([{ uri, mimeType: 'application/json', text: expect.any(String) }]);
    expect(JSON.parse(contents[0].text)).toMatchObject({ id: job.id, kind: 'lake.validate' });
    const dataset = await connected.client.readResource({ uri: `dataset://${job.dataset_id}` });
    expect(JSON.parse(dataset.contents[0].text)).toMatchObject({ id: job.dataset_id, name: 'jobs' });
  });

  test.each(['job://job_none', 'job://', 'job://a/b', 'nothing://x', 'file:///etc/passwd'])(
    'there is no resource %s',
    async (uri) => {
      const error = await failure(connected.client.readResource({ uri }));
      expect(error.code).toBe(-32602);
      expectEnvelope(error.data, 'NOT_FOUND');
    },
  );

  test('no connection without a token that holds', async () => {
    await expect(connect(`${server.url}/mcp`, 'tutti_wrong')).rejects.toThrow();
  });
});

function slug(text: string): string {
  return text.replace(/\W+/g, '-');
}

function errorOf(result: { isError?: boolean; content: { type: string; text: string }[] }): unknown {
  expect(result.isError).toBe(true);
  expect(result.content.map((block) => block.type)).toEqual(['text']);
  return JSON.parse(result.content[0]?.text ?? '');
}

async function failure(call: Promise<unknown>): Promise<{ code: number; data: unknown }> {
  return call.then(
    () => expect.unreachable('the call must fail'),
    (error) => error,
  );
}

let made: Promise<{ id: string; dataset_id: string }> | undefined;

/** A job that has ended. */
function someJob(): Promise<{ id: string; dataset_id: string }> {
  made ??= (async () => {
    const { body: dataset } = await server.call('register_dataset', { name: 'jobs', uri: 'tutti://jobs' });
    const { body: upload } = await server.call('create_presigned_upload', {
      dataset_id: dataset.id,
      object_key: 'a.csv',
    });
    await server.put(upload.url, upload.headers, 'name\nx\n');
    await server.call('commit_dataset_version', { dataset_id: dataset.id, version: 'v1' });
    const { body: job } = await server.call('validate', { dataset_id: dataset.id });
    return (await server.call('job_status', { job_id: job.id, wait_s: 40 })).body;
  })();
  return made;
}

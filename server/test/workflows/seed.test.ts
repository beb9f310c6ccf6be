import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tutti } from '../../../client/test/support.ts';
import { connectors } from '../support/mcp-clients.ts';
import { raw } from '../support/raw.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

/** The example calls of the seed. */
const example = { since: '2025-04-18T00:00:00Z' };
let server: WorkflowServer;
beforeAll(async () => {
  server = await startWorkflowServer(['--workflows-default', 'pipeline']);
});
afterAll(() => server.stop());

test('before the first run nothing runs, and without a default somebody has to name a workflow', async () => {
  expect(await server.ok('get_status')).toMatchObject({ running: false, last_run: null, workflows: [] });
  expect(await server.fails('run_pipeline', example)).toMatchObject({ status: 404, code: 'WORKFLOW_NOT_FOUND' });
});

describe('the default workflow', () => {
  beforeAll(async () => {
    const since = "{% $exists($states.input.since) ? $states.input.since : 'always' %}";
    await server.put(
      'pipeline',
      { Report: { Type: 'Succeed', Output: { since } } },
      {
        input: { type: 'object', properties: { since: { type: 'string', format: 'date-time' } } },
        outcome: { summary: "{% 'Looked at what came since ' & $states.result.since %}" },
      },
    );
  });

  const done = {
    status: 'succeeded',
    summary: 'Looked at what came since 2025-04-18T00:00:00Z',
    run_id: expect.stringMatching(/^run_/),
    workflow: 'pipeline',
    output: { since: example.since },
  };
  const read = (uri: string) => ({ run_id: uri.split('://')[1], status: 'succeeded', details: expect.any(Object) });

  test.each(Object.entries(connectors))('answers the example calls to a %s', async (kind, connect) => {
    const { client } = await connect(`${server.url}/mcp/workflows`, server.admin);
    await client.listTools(); // from here on the client checks answers against the output schemas
    const ran = await client.callTool({ name: 'run_pipeline', arguments: example });
    expect(ran.structuredContent).toMatchObject(done);
    expect(JSON.parse(ran.content[0].text)).toEqual(ran.structuredContent);
    const { structuredContent: status } = await client.callTool({ name: 'get_status', arguments: {} });
    expect(status).toMatchObject({ running: false, last_run: ran.structuredContent.created_at });
    const { resourceTemplates } = await client.listResourceTemplates();
    const uris = resourceTemplates.map(({ uriTemplate }: { uriTemplate: string }) => uriTemplate);
    expect(uris).toContain('pipeline-run://{run_id}');
    const uri = `pipeline-run://${ran.structuredContent.run_id}`;
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
    expect(JSON.parse(contents[0].text)).toMatchObject(read(uri));
    expect(JSON.parse(contents[0].text).details.states).toMatchObject([{ name: 'Report', status: 'succeeded' }]);
    // No client of ours refuses to send it, and the server reads it.
    const former = uri.replace('-', '_');
    const { contents: again } = await client.readResource({ uri: former });
    expect({ kind, ...JSON.parse(again[0].text) }).toMatchObject({ kind, ...read(uri) });
    await client.close();
  });

  test('answers the example calls over REST', async () => {
    const ran = await server.call('run_pipeline', example);
    expect(ran).toMatchObject({ status: 200, body: done });
    expect(await server.call('get_status', {})).toMatchObject({
      status: 200,
      body: { running: false, last_run: ran.body.created_at, runs: { queued: 0, running: 0, waiting: 0 } },
    });
    const headers = { authorization: `Bearer ${server.admin}` };
    for (const kind of ['pipeline_run', 'pipeline-run']) {
      const { status, body } = await raw(`${server.url}/resources/${kind}/${ran.body.run_id}`, { headers });
      expect({ status, body }).toMatchObject({ status: 200, body: read(`x://${ran.body.run_id}`) });
    }
    expect((await raw(`${server.url}/resources/pipeline_run/run123`, { headers })).status).toBe(404);
    expect((await server.call('run_pipeline', { since: 'yesterday' })).status).toBe(422);
    expect(await server.call('run_pipeline', { since: null })).toMatchObject({
      body: { summary: 'Looked at what came since always' },
    });
    const twice = { ...example, input: { since: '2020-01-01T00:00:00Z' } };
    expect(await server.fails('run_pipeline', twice)).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('answers them on the command line', async () => {
    const here = { dataDir: server.dataDir };
    const ran = await tutti(['call', 'run_pipeline', '--since', example.since], here);
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.out)).toMatchObject(done);
    expect(JSON.parse((await tutti(['call', 'get_status'], here)).out)).toMatchObject({ running: false });
  });

  test('stands in OpenAPI with its three routes', async () => {
    const { body } = await raw(`${server.url}/openapi.json`);
    expect(body.paths['/tools/run_pipeline'].post.responses[200]).toBeDefined();
    expect(body.paths['/tools/get_status'].post.responses[200]).toBeDefined();
    for (const kind of ['pipeline_run', 'pipeline-run']) {
      const { get } = body.paths[`/resources/${kind}/{run_id}`];
      expect(get.parameters).toMatchObject([{ name: 'run_id', in: 'path', required: true }]);
      const { properties } = get.responses[200].content['application/json'].schema;
      expect(Object.keys(properties)).toEqual(['run_id', 'status', 'details']);
    }
  });

  test('is measured, its time and how it ended', async () => {
    const headers = { authorization: `Bearer ${server.admin}` };
    const { text } = await raw(`${server.url}/metrics`, { headers });
    expect(text).toMatch(/^tutti_workflow_run_duration_seconds_count\{status="succeeded"\} [1-9]/m);
  });

  test('is begun once by calls with the same key, and each of them gets its end', async () => {
    const input = { ...example, idempotency_key: 'once' };
    const [a, b] = await Promise.all([server.ok('run_pipeline', input), server.ok('run_pipeline', input)]);
    expect(a.run_id).toBe(b.run_id);
    expect([a.status, b.status]).toEqual(['succeeded', 'succeeded']);
  });
});

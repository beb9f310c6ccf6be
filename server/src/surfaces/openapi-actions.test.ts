import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { fullCatalogue } from '../../test/support/catalogue.ts';
import { actionProblems } from './action-limits.ts';
import { actionsOpenApi, firstSentences } from './openapi-actions.ts';

// biome-ignore lint/suspicious/noExplicitAny: walked as plain JSON
type Json = any;
const catalogue = fullCatalogue();
const ofToolset = (toolset: string, url: string | undefined = 'https://tutti.example.com'): Json =>
  JSON.parse(JSON.stringify(actionsOpenApi(catalogue, '1.2.3', toolset, url)));
const ops = ofToolset('ops');
const operations = Object.entries<Json>(ops.paths).map(([path, { post }]) => [path, post] as const);

/** The tools of OrcaOps, to which GPTs are bound. */
const names = [
  ...['run_job', 'submit_job', 'get_job_status', 'get_job_logs', 'list_jobs', 'cancel_job', 'list_artifacts'],
  ...['get_artifact', 'list_sandboxes', 'get_sandbox', 'create_sandbox', 'start_sandbox', 'stop_sandbox'],
  ...['list_templates', 'get_template', 'list_containers', 'get_container_logs', 'inspect_container'],
  ...['stop_container', 'remove_container', 'system_info', 'cleanup_containers', 'list_runs', 'get_run'],
  ...['delete_run', 'cleanup_runs'],
].map((name) => `orcaops_${name}`);

describe('the description of ops for GPT Actions', () => {
  test('holds the 26 tools of OrcaOps and no other', () => {
    expect(operations.map(([, post]) => post.operationId).sort()).toEqual([...names].sort());
    expect(operations.map(([path]) => path)).toEqual(operations.map(([, post]) => `/tools/${post.operationId}`));
  });

  test('keeps within their limits', () => {
    expect(actionProblems(ops)).toEqual([]);
    expect(ops.servers).toEqual([{ url: 'https://tutti.example.com/actions' }]);
    expect(ops.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
  });

  test('is OpenAPI 3.1 for a public validator, which finds faults', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(ops))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const faulty = structuredClone(ops);
    faulty.paths['/tools/orcaops_run_job'].post.responses = [];
    expect((await new Validator().validate(faulty)).valid).toBe(false);
  });

  test('asks the user before anything that changes something', () => {
    const asked = operations.filter(([, post]) => post['x-openai-isConsequential']).map(([, post]) => post['x-effect']);
    expect([...new Set(asked)].sort()).toEqual(['destroy', 'write']);
    const freely = operations
      .filter(([, post]) => !post['x-openai-isConsequential'])
      .map(([, post]) => post['x-effect']);
    expect([...new Set(freely)]).toEqual(['read']);
  });

  test.each(operations)('has a request and an answer of %s by its own schemas', (_path, post) => {
    for (const { content } of [post.requestBody, post.responses['200']]) {
      const { schema, examples } = content['application/json'];
      const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
      const values = Object.values<Json>(examples ?? {}).map(({ value }) => value);
      expect(values.length).toBeGreaterThan(0);
      for (const value of values) expect(check(value), JSON.stringify(check.errors)).toBe(true);
    }
  });

  test('lets nobody wait longer than a GPT does', () => {
    const waits = operations.map(([, { requestBody }]) => {
      const { properties } = requestBody.content['application/json'].schema;
      return properties.wait_s?.maximum;
    });
    expect(waits.filter((most) => most !== undefined)).not.toEqual([]);
    for (const most of waits) expect(most ?? 0).toBeLessThanOrEqual(40);
  });
});

test('without a URL that others reach there is no server to call', () => {
  const [problem, ...others] = actionProblems(JSON.parse(JSON.stringify(actionsOpenApi(catalogue, '1.2.3', 'ops'))));
  expect(problem).toContain('public_url');
  expect(others).toEqual([]);
});

test('another toolset has the form too, as far as its tools are not too many', () => {
  for (const toolset of ['system', 'lake', 'orchestra']) {
    const { info, paths } = ofToolset(toolset);
    expect(info).toEqual({ title: `Tutti: ${toolset}`, version: '1.2.3' });
    const names = catalogue.faces.filter((face) => face.toolset === toolset).map((face) => `/tools/${face.name}`);
    expect(Object.keys(paths)).toEqual(names);
  }
  expect(actionProblems(ofToolset('system'))).toEqual([]);
  const [problem, ...others] = actionProblems(ofToolset('lake'));
  expect(problem).toMatch(/operations/);
  expect(others).toEqual([]);
});

test('a long text keeps its first sentences, or its first words', () => {
  expect(firstSentences('One. Two. Three.', 12)).toBe('One. Two.');
  expect(firstSentences('One, e.g. two', 13)).toBe('One, e.g. two');
  expect(firstSentences('several words without an end', 16)).toBe('several words…');
});

import { describe, expect, test } from 'vitest';
import { fullCatalogue, slicesWithoutServer } from '../../test/support/catalogue.ts';
import { docsPage, openApi } from './openapi.ts';

// biome-ignore lint/suspicious/noExplicitAny: walked as plain JSON
type Json = any;
const catalogue = fullCatalogue();

/** Every value of a JSON document with the path to it. */
function* walk(value: Json, at: readonly string[] = []): Generator<[readonly string[], Json]> {
  yield [at, value];
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* walk(member, [...at, key]);
  }
}

/** What a `$ref` of the same document names. */
function resolve(root: Json, ref: string): Json {
  expect(ref).toMatch(/^#\//);
  const steps = ref.slice(2).split('/');
  return steps.reduce((node, step) => node?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], root);
}

describe('the description', () => {
  const whole: Json = JSON.parse(JSON.stringify(openApi(catalogue, '1.2.3')));

  test('is OpenAPI 3.1 with a title, a version and a way to authenticate', () => {
    expect(Object.keys(whole).sort()).toEqual(['components', 'info', 'openapi', 'paths', 'security']);
    expect(whole.openapi).toMatch(/^3\.1\.\d$/);
    expect(whole.info).toEqual({ title: 'Tutti', version: '1.2.3' });
    for (const scheme of whole.security.flatMap(Object.keys)) {
      expect(whole.components.securitySchemes[scheme]).toEqual({ type: 'http', scheme: 'bearer' });
    }
  });

  test('has every tool, with its schemas and what it needs', () => {
    expect(Object.keys(whole.paths)).toEqual(catalogue.faces.map((face) => `/tools/${face.name}`));
    for (const face of catalogue.faces) {
      const { post, ...others } = whole.paths[`/tools/${face.name}`];
      expect(others).toEqual({});
      expect(post).toMatchObject({
        operationId: face.name,
        summary: face.title,
        description: face.description,
        tags: [face.toolset],
        'x-effect': face.effect,
        'x-scope': face.scope,
        requestBody: { required: true },
      });
      expect(post.requestBody.content['application/json'].schema).toEqual(face.inputSchema);
      expect(post.responses['200'].content['application/json'].schema).toEqual(face.outputSchema);
    }
  });

  test('shows the examples of a tool on both sides, and none where it has none', () => {
    for (const { name, examples = [] } of catalogue.faces) {
      const { post } = whole.paths[`/tools/${name}`];
      const [asked, answered] = [post.requestBody, post.responses['200']].map(({ content }) =>
        Object.values<Json>(content['application/json'].examples ?? {}),
      );
      expect(asked).toEqual(examples.map(({ title, input }) => ({ summary: title, value: input })));
      expect(answered).toEqual(examples.map(({ title, output }) => ({ summary: title, value: output })));
    }
    expect(whole.paths['/tools/orcaops_run_job'].post.requestBody.content['application/json'].examples).toBeDefined();
  });

  test('says for each answer what it is, and how every failure looks', () => {
    for (const { post } of Object.values<Json>(whole.paths)) {
      for (const answer of Object.values<Json>(post.responses)) expect(answer.description).toMatch(/\S/);
      const failure = post.responses.default.content['application/json'].schema;
      expect(resolve(whole, failure.$ref)).toMatchObject({ required: ['success', 'error'] });
    }
  });

  test('has what is read by an id of several parts, with the range that it takes', () => {
    const resources = slicesWithoutServer().flatMap((slice) => slice.resources);
    const { paths }: Json = openApi(catalogue, '1.2.3', resources);
    const { get } = paths['/resources/orchestra/runs/{run}/tasks/{task}/artifacts/{name}'];
    expect(get.parameters.map(({ name, in: where }: Json) => [name, where])).toEqual([
      ...['run', 'task', 'name'].map((name) => [name, 'path']),
      ...['offset', 'length'].map((name) => [name, 'query']),
    ]);
    expect(paths['/resources/job/{id}'].get.parameters).toHaveLength(1);
  });

  test('has no reference that leads nowhere or outside', () => {
    const refs = [...walk(whole)].filter(([at]) => at.at(-1) === '$ref').map(([, ref]) => ref);
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) expect(resolve(whole, ref), ref).toBeDefined();
  });

  test('uses the JSON Schema of 2020-12 alone', () => {
    const former = [...walk(whole.paths)].filter(([at, value]) => {
      const key = at.at(-1);
      return key === '$schema' || key === 'nullable' || (key === 'exclusiveMinimum' && typeof value === 'boolean');
    });
    expect(former).toEqual([]);
    const ids = Object.values<Json>(whole.paths).map(({ post }) => post.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the page of the tools', () => {
  const page = docsPage(catalogue, '1.2.3');

  test('shows every tool', () => {
    for (const face of catalogue.faces) expect(page).toContain(`<details id="${face.name}">`);
  });

  test('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form)\b/i);
    expect(page).not.toMatch(/@import|url\(|srcset|\bon\w+\s*=/i);
    const targets = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, target]) => target);
    expect(targets).toEqual(['/openapi.json']);
  });

  test('takes what a tool says as text', () => {
    const [face] = catalogue.faces;
    const odd = { ...face, name: 'odd', title: '</summary><script>alert(1)</script>', description: `"'&<b>` } as never;
    const odds = docsPage({ faces: [odd], find: () => undefined }, '<1>');
    expect(odds).not.toContain('<script>');
    expect(odds).not.toContain('<b>');
    expect(odds).not.toContain('<1>');
    expect(odds).toContain('&#60;script&#62;');
  });
});

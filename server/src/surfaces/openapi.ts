import { type Catalogue, jsonSchema, type ToolFace } from '../core/catalogue.ts';
import { idTemplateOf, isRanged, type ResourceKind, variablesOf } from '../core/resource.ts';

const errorSchema = {
  type: 'object',
  required: ['success', 'error'],
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message', 'suggestion', 'retryable'],
      properties: {
        code: { type: 'string', description: 'Stable name of the failure.' },
        message: { type: 'string', description: 'What went wrong.' },
        suggestion: { type: 'string', description: 'What to do next.' },
        retryable: { type: 'boolean', description: 'Whether the same call may work later.' },
        details: { description: 'More, depending on the code.' },
      },
    },
  },
};

const failure = {
  description: 'Every failure has this form.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** An OpenAPI 3.1 description of all tools, and of what can be read by its id. */
export function openApi(
  catalogue: Catalogue,
  version: string,
  resources: readonly ResourceKind[] = [],
): Readonly<Record<string, unknown>> {
  const { paths, ...document } = openApiOf(catalogue.faces, { title: 'Tutti', version });
  const readable = resources.flatMap((resource) =>
    [resource.kind, ...(resource.aliases ?? [])].map((kind, at) => [
      `/resources/${kind}/${idTemplateOf(resource)}`,
      { get: reading(resource, `read_${resource.kind.replaceAll('-', '_')}${at === 0 ? '' : `_${at + 1}`}`) },
    ]),
  );
  return { ...document, paths: { ...paths, ...Object.fromEntries(readable) } };
}

type Operation = Readonly<Record<string, unknown>>;

const ranges = ['offset', 'length'].map((name) => ({
  name,
  in: 'query',
  required: false,
  description: 'In bytes.',
  schema: { type: 'integer', minimum: 0 },
}));

export type OpenApi = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>;
};

/** An OpenAPI 3.1 description of some tools. */
export function openApiOf(
  faces: readonly ToolFace[],
  info: { readonly title: string; readonly version: string },
): OpenApi {
  return {
    openapi: '3.1.0',
    info,
    security: [{ token: [] }],
    paths: Object.fromEntries(faces.map((face) => [`/tools/${face.name}`, { post: operation(face) }])),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema },
    },
  };
}

function reading(resource: ResourceKind, operationId: string): Operation {
  const { title, description, toolset, output } = resource;
  return {
    operationId,
    summary: title,
    description,
    tags: [toolset],
    'x-scope': `${toolset}:read`,
    parameters: [
      ...variablesOf(resource).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...(isRanged(resource) ? ranges : []),
    ],
    responses: {
      200: {
        description: 'It, as JSON.',
        content: { 'application/json': { schema: output ? jsonSchema(output, 'output') : { type: 'object' } } },
      },
      default: failure,
    },
  };
}

function operation(face: ToolFace): Operation {
  return {
    operationId: face.name,
    summary: face.title,
    description: face.description,
    tags: [face.toolset],
    'x-effect': face.effect,
    'x-scope': face.scope,
    ...(face.aliases.length > 0 && { 'x-aliases': face.aliases }),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: face.inputSchema, ...examplesOf(face, 'input') } },
    },
    responses: {
      200: {
        description: 'The answer.',
        content: { 'application/json': { schema: face.outputSchema, ...examplesOf(face, 'output') } },
      },
      default: failure,
    },
  };
}

function examplesOf({ examples = [] }: ToolFace, side: 'input' | 'output'): { examples?: Record<string, unknown> } {
  if (examples.length === 0) return {};
  const entries = examples.map((example, at) => [
    `example_${at + 1}`,
    { summary: example.title, value: example[side] },
  ]);
  return { examples: Object.fromEntries(entries) };
}

/** The tools as one page that needs nothing from elsewhere. */
export function docsPage(catalogue: Catalogue, version: string): string {
  const sections = Map.groupBy(catalogue.faces, (face) => face.toolset);
  const body = [...sections]
    .map(([toolset, faces]) => `<h2>${text(toolset)}</h2>${faces.map(toolHtml).join('')}`)
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tutti ${text(version)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}code,pre{font-size:14px}
details{border-top:1px solid #8884;padding:.5rem 0}summary{cursor:pointer}pre{overflow:auto;background:#8881;padding:.75rem}</style>
<h1>Tutti ${text(version)}</h1><p>Call a tool with <code>POST /tools/&lt;name&gt;</code>, a bearer token and its input as JSON.
Machine-readable: <a href="/openapi.json">/openapi.json</a>.</p>${body}</html>`;
}

function toolHtml(face: ToolFace): string {
  return `<details id="${text(face.name)}"><summary><code>${text(face.name)}</code> — ${text(face.title)} (${face.effect})</summary>
<p>${text(face.description)}</p><p>Scope: <code>${text(face.scope)}</code></p>
<h4>Input</h4><pre>${text(JSON.stringify(face.inputSchema, null, 2))}</pre>
<h4>Output</h4><pre>${text(JSON.stringify(face.outputSchema, null, 2))}</pre></details>`;
}

function text(raw: string): string {
  return raw.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

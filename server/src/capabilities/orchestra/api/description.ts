import { z } from 'zod';
import { type Endpoint, endpoints } from './endpoints.ts';
import { type Promised, promises } from './field.ts';
import {
  artifactList,
  childRun,
  logList,
  operation,
  pipeline,
  pipelineRun,
  startAnswer,
  taskRun,
  triggeredBy,
} from './schemas.ts';
import { startRequest } from './start-request.ts';

type Json = Readonly<Record<string, unknown>>;

const components = {
  PipelineRun: pipelineRun,
  TriggeredBy: triggeredBy,
  ChildPipelineRun: childRun,
  TaskRun: taskRun,
  Operation: operation,
  Pipeline: pipeline,
  ArtifactList: artifactList,
  LogList: logList,
  StartAnswer: startAnswer,
};

/** The OpenAPI 3.1 description of what is used of Orchestra's API, made from the schemas that read it. */
export function describeApi() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orchestra, as Tutti uses it',
      version: '1',
      description:
        'What is used of the API of getorchestra.io, written down from what its published descriptions say. Made by scripts/compare-orchestra-api.ts --write.',
    },
    servers: [{ url: 'https://app.getorchestra.io/api/engine' }],
    security: [{ bearer: [] }],
    paths: paths(),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        ...Object.fromEntries(Object.entries(components).map(([name, schema]) => [name, promisedOf(schema)])),
        StartRequest: closed(z.toJSONSchema(startRequest)),
        Invalid: invalid,
      },
    },
  };
}

/** What was promised of each field of an object, not how leniently it is read. */
function promisedOf(schema: z.ZodObject): Json {
  const fields = Object.entries(schema.shape).map(([name, field]): [string, Promised] => [
    name,
    promises.get(field as z.ZodType) ?? { schema: { type: 'object' }, required: false, nullable: true },
  ]);
  return {
    type: 'object',
    required: fields.filter(([, { required }]) => required).map(([name]) => name),
    properties: Object.fromEntries(fields.map(([name, promised]) => [name, fieldOf(promised)])),
  };
}

function fieldOf({ schema, nullable }: Promised): Json {
  if (!nullable) return schema;
  const { description, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }], ...(description === undefined ? {} : { description }) };
}

function closed({ $schema: _, ...schema }: Json): Json {
  return schema;
}

function paths() {
  const found: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const at = found[endpoint.path] ?? {};
    at[endpoint.method] = operationOf(endpoint);
    found[endpoint.path] = at;
  }
  return found;
}

function operationOf({ path, words, query = {}, requiredQuery = [], body, answer, unverified }: Endpoint): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'pipeline_id_or_alias' ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));
  const inQuery = Object.entries(query).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: requiredQuery.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  return {
    summary: words,
    ...(unverified ? { 'x-unverified': true } : {}),
    parameters: [...inPath, ...inQuery],
    ...(body ? { requestBody: { required: false, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [answer.status]: answerOf(answer),
      422: {
        description: 'Not valid.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Invalid' } } },
      },
    },
  };
}

function answerOf({ status, schema }: Endpoint['answer']): Json {
  if (status === 204) return { description: 'Done.' };
  const content = schema ? { 'application/json': { schema } } : { 'application/octet-stream': {} };
  return { description: 'The answer.', content };
}

const invalid = {
  type: 'object',
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        required: ['loc', 'msg', 'type'],
        properties: {
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          type: { type: 'string' },
        },
      },
    },
  },
};

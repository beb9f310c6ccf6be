import { z } from 'zod';
import { inputsIn } from './inputs.ts';

/** What a draft of servers may come to. */
export const most = { inputs: 200, servers: 200, args: 200, variables: 200, tools: 500, text: 8192 } as const;

/** Controls, marks that turn the direction of writing, and half surrogate pairs: none of them belongs into a configuration. */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** One line that shows whole. */
const text = z
  .string()
  .max(most.text)
  .refine((value) => !unprintable.test(value), 'It holds a control character, an invisible one, or half a character.');

export const inputId = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/);
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const serverName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
const toolName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/);
/** A narrow reading of RFC 9110: no `$`, `%` or other sign that a client could take for a variable. */
const headerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

/** Names that reach into the prototype of an object. */
const reserved = new Set(['__proto__', 'constructor', 'prototype']);
const named = <T extends z.ZodType>(name: z.ZodString, value: T) =>
  z
    .record(name, value)
    .refine((map) => Object.keys(map).length <= most.variables, `It has more than ${most.variables} names.`)
    .refine((map) => Object.keys(map).every((key) => !reserved.has(key)), 'A name is reserved.');

/** What the user of a client gives when a configuration is applied. A secret has no default. */
export const neutralInput = z.strictObject({
  id: inputId.describe(`Written \${input:<id>} where its value goes.`),
  description: text.max(500).optional().describe('What to give.'),
  secret: z.boolean().optional().describe('Whether clients hide the value and keep it apart.'),
  env: variableName.optional().describe('The environment variable that holds it; by default the id in capitals.'),
  default: text.optional().describe('What counts where nothing is given; never for a secret.'),
});

const toolFilter = z.strictObject({
  allow: z
    .array(toolName)
    .max(most.tools)
    .optional()
    .describe('The only tools that the client may see; an empty list hides all.'),
  deny: z.array(toolName).max(most.tools).optional().describe('Tools that the client may not see.'),
});

export const neutralEnv = named(variableName, text).describe('Environment variables of the command.');

/** One MCP server, described once for all clients. `${input:<id>}` is the only variable in its texts. */
export const neutralServer = z.strictObject({
  name: serverName.refine((name) => !reserved.has(name), 'The name is reserved.').describe('Its name in the client.'),
  transport: z.enum(['stdio', 'http', 'sse']).describe('A command that the client starts, streamable HTTP, or SSE.'),
  command: text.min(1).optional().describe('For stdio: the program.'),
  args: z.array(text).max(most.args).optional().describe('For stdio: its arguments.'),
  cwd: text.min(1).optional().describe('For stdio: where it runs.'),
  env: neutralEnv.optional(),
  url: text.min(1).optional().describe('For http and sse: the address.'),
  headers: named(headerName, text)
    .refine((map) => new Set(Object.keys(map).map((key) => key.toLowerCase())).size === Object.keys(map).length, {
      message: 'A header is there twice: their names know no case.',
    })
    .optional()
    .describe('For http and sse: headers of each request.'),
  tools: toolFilter.optional().describe('Which of its tools the client may see.'),
  timeout_ms: z.int().min(1).max(3_600_000).optional().describe('How long the client waits for an answer.'),
  enabled: z.boolean().optional().describe('False: known to the client and switched off.'),
  description: text.max(500).optional().describe('What it is for.'),
  source: z
    .strictObject({ catalog: z.string().max(200) })
    .optional()
    .describe('The entry that it was made from.'),
  package: z
    .strictObject({
      registry: z.string().max(40),
      identifier: text.max(500),
      version: text.max(255),
      sha256: z
        .string()
        .regex(/^[a-f0-9]{64}$/)
        .optional(),
    })
    .optional()
    .describe('The package that the command runs.'),
});

/** All that a client is to know, in no client's own format. */
export const neutralConfig = z.strictObject({
  inputs: z.array(neutralInput).max(most.inputs).default([]),
  servers: z.array(neutralServer).max(most.servers),
});

export type NeutralInput = z.output<typeof neutralInput>;
export type NeutralServer = z.output<typeof neutralServer>;
export type NeutralConfig = z.output<typeof neutralConfig>;

/** What is wrong with a document, and where: an RFC 6901 pointer. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

const mostProblems = 50;

/** Reads a neutral configuration: its shape, and what a shape cannot say. With problems there is no config. */
export function parseNeutral(value: unknown): { config?: NeutralConfig; problems: Problem[] } {
  const parsed = neutralConfig.safeParse(value);
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const problems = inconsistencies(parsed.data);
  return problems.length > 0 ? { problems } : { config: parsed.data, problems };
}

/** Issues of a schema as problems with pointers. */
export function problemsOf(error: z.ZodError, at: readonly PropertyKey[] = []): Problem[] {
  return error.issues
    .slice(0, mostProblems)
    .map(({ path, message }) => failure([...at, ...path], message.replace(/\.?$/, '.')));
}

/** An error at a path. */
export function failure(path: readonly PropertyKey[], message: string): Problem {
  return { pointer: pointerOf(path), message, severity: 'error' };
}

/** The RFC 6901 pointer to a path. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The environment variable that holds an input. */
export function envOf(input: NeutralInput): string {
  return input.env ?? input.id.replaceAll('-', '_').toUpperCase();
}

/** What the shape of a configuration allows and its meaning does not. */
function inconsistencies({ inputs, servers }: NeutralConfig): Problem[] {
  const ids = new Set(inputs.map(({ id }) => id));
  return [
    ...twice(inputs, 'inputs', ({ id }) => id, 'id'),
    ...twice(inputs, 'inputs', envOf, 'env'),
    ...twice(servers, 'servers', ({ name }) => name, 'name'),
    ...inputs.flatMap((input, at) =>
      input.secret && input.default !== undefined
        ? [failure(['inputs', at, 'default'], 'A secret has no default.')]
        : [],
    ),
    ...servers.flatMap((server, at) => problemsOfServer(server, ['servers', at], ids)),
  ].slice(0, mostProblems);
}

function twice<T>(items: readonly T[], list: string, keyOf: (item: T) => string, field: string): Problem[] {
  const seen = new Set<string>();
  return items.flatMap((item, at) => {
    const key = keyOf(item);
    const again = seen.has(key);
    seen.add(key);
    return again ? [failure([list, at, field], `${JSON.stringify(key)} is there twice.`)] : [];
  });
}

/** What is wrong with one server, given the ids of the inputs that it may name. */
function problemsOfServer(server: NeutralServer, at: readonly PropertyKey[], ids: ReadonlySet<string>): Problem[] {
  const local = server.transport === 'stdio';
  const wanted = local ? 'command' : 'url';
  const foreign = local ? (['url', 'headers'] as const) : (['command', 'args', 'cwd', 'env'] as const);
  return [
    ...(server[wanted] === undefined ? [failure(at, `A server by ${server.transport} has a ${wanted}.`)] : []),
    ...foreign.flatMap((field) =>
      server[field] === undefined ? [] : [failure([...at, field], `A server by ${server.transport} has none.`)],
    ),
    ...inputsIn(server).flatMap(({ path, id }) =>
      ids.has(id) ? [] : [failure([...at, ...path], `No input has the id ${JSON.stringify(id)}.`)],
    ),
    ...(server.url === undefined ? [] : problemsOfUrl(server.url, [...at, 'url'])),
  ];
}

function problemsOfUrl(url: string, at: readonly PropertyKey[]): Problem[] {
  // An input may stand for the whole of it, or for its beginning: then nothing can be told.
  if (url.startsWith('${input:')) return [];
  const whole = URL.canParse(url.replace(/\$\{input:[^}]*\}/g, 'x'));
  return /^https?:\/\/[^\s]+$/.test(url) && whole ? [] : [failure(at, 'It is no URL of http or https.')];
}

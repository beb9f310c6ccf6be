import { oddHeaders } from './from-tools.ts';
import { hostileObject, hostileText, hostileValue, mangleJson } from './hostile.ts';
import type { Random } from './random.ts';
import { anyCaller, authorization, type FuzzRequest, type Header, json, type Kind } from './request.ts';
import { type KnownTool, toolCall } from './tool-calls.ts';

type Json = Record<string, unknown>;

interface Message {
  readonly kind: Kind;
  readonly method: string;
  readonly params: unknown;
  readonly tool?: string;
}

const revisions = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
const modern = revisions[0];

/** A JSON-RPC message, or a batch of them, to one of the MCP endpoints in one of the protocol's revisions. */
export function mcpRequest(tools: readonly KnownTool[], random: Random): FuzzRequest {
  const revision = random.weighted([
    [5, modern],
    [4, revisions[1]],
    [1, random.pick(revisions)],
  ] as const);
  const message = anyMessage(tools, random, revision);
  const caller = anyCaller(random);
  const batch = random.chance(0.02);
  const envelope = inEnvelope(message, revision, random);
  const text = JSON.stringify(
    batch ? [envelope, inEnvelope(anyMessage(tools, random, revision), revision, random)] : envelope,
  );
  const broken = message.kind === 'hostile' && random.chance(0.2);
  return {
    surface: 'mcp',
    kind: message.kind,
    label: message.tool
      ? `tools/call ${message.tool}`
      : /^[a-zA-Z/]{1,40}$/.test(message.method)
        ? message.method
        : '(no method)',
    caller,
    method: random.weighted([
      [97, 'POST'],
      [1, 'GET'],
      [1, 'DELETE'],
      [1, 'OPTIONS'],
    ] as const),
    path: random.weighted([
      [6, '/mcp'],
      [3, '/mcp/all'],
      [1, '/mcp/lake'],
      [1, '/mcp/system'],
      [1, random.pick(['/mcp/config', '/mcp/', '/mcp//', '/mcp/nothing', '/mcp/__proto__', '/mcp/lake/x', '/mcp/ALL'])],
    ]),
    headers: [
      ...authorization(caller, random),
      json,
      ...protocolHeaders(message, revision, random),
      ...oddHeaders(random),
    ],
    body: broken ? mangleJson(text, random) : Buffer.from(text),
    ...(!batch && !broken && message.tool && { tool: message.tool }),
    ...(message.method === 'subscriptions/listen' || random.chance(0.01) ? { stream: true as const } : {}),
  };
}

function anyMessage(tools: readonly KnownTool[], random: Random, revision: string): Message {
  if (random.chance(0.45)) {
    const { tool, kind, input } = toolCall(tools, random);
    const progress = random.chance(0.1) ? { _meta: { progressToken: random.pick(['p', 1]) } } : {};
    return { kind, method: 'tools/call', params: { name: tool.name, arguments: input, ...progress }, tool: tool.name };
  }
  const [method, params] = otherMessage(random, revision);
  if (random.chance(0.5)) return { kind: 'valid', method, params };
  if (random.chance(0.5)) return { kind: 'near-valid', method, params: spoilt(params, random) };
  return { kind: 'hostile', method: random.chance(0.2) ? hostileText(random) : method, params: hostileParams(random) };
}

/** A method of the protocol besides the calling of tools, with good parameters. */
function otherMessage(random: Random, revision: string): readonly [string, Json] {
  const job = `{{job:${random.int(0, 99)}}}`;
  const dataset = `{{dataset:${random.int(0, 99)}}}`;
  const uri = random.pick([`job://${job}`, `dataset://${dataset}`, `JOB://${job}`, 'job://none', 'pipeline_run://x']);
  return random.pick<readonly [string, Json]>([
    ['initialize', { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } }],
    ['server/discover', {}],
    ['ping', {}],
    ['tools/list', {}],
    ['tools/list', { cursor: '{{page:0}}' }],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri }],
    ['resources/subscribe', { uri }],
    ['resources/unsubscribe', { uri }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: [uri], toolsListChanged: true } }],
    ['prompts/list', {}],
    ['prompts/get', { name: random.pick(['lake', 'system']), arguments: { dataset, job } }],
    ['prompts/get', { name: 'system', arguments: { job } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'lake' }, argument: { name: 'dataset', value: 'ds_' } }],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'job://{id}' }, argument: { name: 'id', value: 'job' } },
    ],
    ['notifications/cancelled', { requestId: random.int(0, 3), reason: 'enough' }],
    ['notifications/initialized', {}],
    ['notifications/progress', { progressToken: 'p', progress: 1 }],
    ['logging/setLevel', { level: 'debug' }],
    ['sampling/createMessage', { messages: [], maxTokens: 1 }],
    ['tasks/get', { taskId: job }],
    ['tasks/cancel', { taskId: job }],
    ['drop/everything', {}],
  ]);
}

function spoilt(params: Json, random: Random): Json {
  const names = Object.keys(params);
  if (names.length === 0) return hostileObject(random);
  return { ...params, [random.pick(names)]: random.chance(0.5) ? hostileText(random) : hostileValue(random) };
}

const hostileParams = (random: Random): unknown =>
  random.chance(0.3)
    ? hostileValue(random)
    : {
        uri: hostileText(random),
        name: hostileText(random),
        cursor: hostileText(random),
        argument: { name: hostileText(random), value: hostileText(random) },
        ref: {
          type: random.pick(['ref/prompt', 'ref/resource', 'x']),
          name: hostileText(random),
          uri: hostileText(random),
        },
        arguments: hostileObject(random),
      };

function inEnvelope({ kind, method, params }: Message, revision: string, random: Random): unknown {
  const odd = kind !== 'valid' && random.chance(0.15);
  const id = odd
    ? hostileValue(random)
    : random.weighted<unknown>([
        [9, random.int(0, 9)],
        [1, 'a'],
      ]);
  return {
    jsonrpc: odd && random.chance(0.5) ? random.pick(['1.0', 2, '2.0 ', null]) : '2.0',
    ...(!method.startsWith('notifications/') && !(odd && random.chance(0.3)) && { id }),
    method: odd && random.chance(0.2) ? hostileValue(random) : method,
    ...(params !== undefined && { params: revision === modern ? withMeta(params, revision, random) : params }),
  };
}

function withMeta(params: unknown, revision: string, random: Random): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  const meta = {
    'io.modelcontextprotocol/protocolVersion': random.chance(0.97) ? revision : hostileText(random),
    'io.modelcontextprotocol/clientCapabilities': random.chance(0.97) ? {} : hostileValue(random),
    'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  };
  const given = (params as { _meta?: object })._meta;
  return { ...params, _meta: random.chance(0.98) ? { ...meta, ...given } : hostileValue(random) };
}

/** What the revision asks for, sometimes missing or wrong, and the headers that narrow. */
function protocolHeaders({ method, params }: Message, revision: string, random: Random): Header[] {
  const { name, uri } = (params ?? {}) as { name?: unknown; uri?: unknown };
  const subject = typeof name === 'string' ? name : typeof uri === 'string' ? uri : undefined;
  const headers: Header[] = [];
  if (random.chance(0.97)) headers.push(['accept', 'application/json, text/event-stream']);
  if (random.chance(0.95)) {
    headers.push([
      'mcp-protocol-version',
      random.chance(0.97) ? revision : random.pick(['1999-01-01', '', 'x', modern]),
    ]);
  }
  if (revision === modern && random.chance(0.97))
    headers.push(['mcp-method', random.chance(0.98) ? inHeader(method) : 'ping']);
  if (revision === modern && subject !== undefined && random.chance(0.97))
    headers.push(['mcp-name', inHeader(subject)]);
  if (random.chance(0.3)) headers.push(['mcp-session-id', random.pick(['s1', 's2', '', '../x', 'a'.repeat(500)])]);
  if (random.chance(0.1)) {
    headers.push([
      'x-mcp-toolsets',
      random.pick(['lake', 'system', 'lake,config', '', ',', '*', '__proto__', 'lake, ops']),
    ]);
  }
  if (random.chance(0.1)) headers.push(['x-mcp-readonly', random.pick(['true', 'false', 'yes', '', 'TRUE'])]);
  return headers;
}

/** What a header can hold of a text; the protocol has its other characters encoded. */
export function inHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}

import { type Schema, validValue } from './from-schema.ts';
import { hostileObject, hostileText, hostileValue, mangleJson } from './hostile.ts';
import { nearValid } from './near-valid.ts';
import type { Random } from './random.ts';
import type { Kind } from './request.ts';

/** What is known of a tool: its face in the live description of the server. */
export interface KnownTool {
  readonly name: string;
  readonly toolset: string;
  readonly effect: string;
  readonly scope: string;
  readonly inputSchema: Schema;
}

export interface ToolCall {
  readonly kind: Kind;
  readonly tool: KnownTool;
  readonly input: unknown;
}

/** Work that takes long, or room: called less often. */
const rare: Readonly<Record<string, number>> = {
  start_ingest: 0.25,
  validate: 0.25,
  commit_dataset_version: 0.6,
  put_webhook: 0.15,
  redeliver_webhook: 0.3,
};

/** Where one may look for data in place, and where not. */
const below = [
  '',
  '',
  '/',
  '/way-out',
  '/../outside',
  '/%2e%2e/outside',
  '/way-out.csv',
  '/cars.csv',
  '/./',
  '?x',
  '#x',
];

/** A call of one of the tools: valid, with one mistake, or hostile. */
export function toolCall(tools: readonly KnownTool[], random: Random): ToolCall {
  const tool = random.weighted(tools.map((one) => [rare[one.name] ?? 1, one] as const));
  const kind = random.weighted<Kind>([
    [35, 'valid'],
    [35, 'near-valid'],
    [30, 'hostile'],
  ]);
  return { tool, kind, input: inputFor(tool, tools, kind, random) };
}

/** The input as the bytes of a JSON document; a hostile one may be none. */
export function inputBytes({ kind, input }: ToolCall, random: Random): Buffer {
  const text = JSON.stringify(input) ?? '';
  return kind === 'hostile' && random.chance(0.3) ? mangleJson(text, random) : Buffer.from(text);
}

function inputFor(tool: KnownTool, tools: readonly KnownTool[], kind: Kind, random: Random): unknown {
  const valid = validInput(tool, tools, random);
  if (kind === 'valid') return valid;
  if (kind === 'near-valid') return nearValid(valid, tool.inputSchema, random);
  if (random.chance(0.1)) return hostileValue(random);
  if (random.chance(0.1)) return { ...valid, ...hostileObject(random) };
  const fields = Object.keys(tool.inputSchema.properties ?? {});
  if (fields.length === 0) return hostileObject(random);
  const name = random.pick(fields);
  const isText = tool.inputSchema.properties?.[name]?.type === 'string';
  return { ...valid, [name]: isText && random.chance(0.7) ? hostileText(random) : hostileValue(random) };
}

function validInput(tool: KnownTool, tools: readonly KnownTool[], random: Random): Record<string, unknown> {
  // A tool that calls another: any but itself.
  if (tool.name === 'call_tool') {
    const inner = random.pick(tools.filter((one) => one.name !== 'call_tool' && !(one.name in rare)));
    return { name: inner.name, input: validInput(inner, tools, random) };
  }
  const named = random.int(0, 99_999);
  return validValue(tool.inputSchema, random, (field, schema) => {
    if (tool.name === 'register_dataset') {
      if (field === 'name') return `set-${named}`;
      if (field === 'uri') return random.chance(0.85) ? `tutti://set-${named}` : `{{root:0}}${random.pick(below)}`;
    }
    if (tool.name === 'describe_tool' && field === 'name') return random.pick(tools).name;
    const ownSchema =
      schema.format !== undefined ||
      (field === 'filter' && schema.properties !== undefined) ||
      // Elsewhere a position in the log and the name of a dataset's version.
      (tool.toolset === 'workflows' && ['since', 'version'].includes(field)) ||
      // Of Orchestra a number, of configurations three.
      (['orchestra', 'config'].includes(tool.toolset) && field === 'version') ||
      // The bare name of one, without `secret:` before it.
      (field === 'secret' && schema.pattern !== undefined);
    return ownSchema ? undefined : liveField(field, random);
  }) as Record<string, unknown>;
}

/** Fields whose good values only the server knows. */
function liveField(field: string, random: Random): unknown {
  const live = (kind: string) => `{{${kind}:${random.int(0, 999)}}}`;
  switch (field) {
    case 'dataset_id':
    case 'subject':
      return live('dataset');
    case 'job_id':
      return live('job');
    case 'webhook_id':
      return random.chance(0.8) ? live('webhook') : undefined;
    case 'delivery_id':
      return live('delivery');
    case 'event_id':
      return live('event');
    case 'pipeline_run_id':
      return live('orchestra-run');
    case 'task_run_id':
      return live('orchestra-task');
    case 'pipeline_id':
      return live('orchestra-pipeline');
    case 'start_id':
      return live('orchestra-start');
    case 'url':
      return `{{sink:0}}${random.int(0, 9)}`;
    case 'secret':
      return 'secret:canary';
    case 'page':
      return random.chance(0.2) ? live('page') : undefined;
    case 'since':
      return random.chance(0.5) ? live('position') : undefined;
    case 'page_size':
      return random.int(1, 5);
    case 'wait_s':
      return random.pick([0, 0, 0.01, 0.2]);
    case 'object_key':
      return random.pick(['cars.csv', 'raw/cars.csv', `raw/${random.int(0, 20)}.jsonl`, 'Ünï/日本 x.parquet']);
    case 'size':
      return random.int(0, 64);
    case 'version':
      return random.pick(['v1', `v${random.int(2, 50)}`]);
    case 'target':
      return 'lance';
    case 'mode':
      return 'text';
    case 'query':
      return random.pick(['', 'red', 'red fast', 'blue OR car*', 'upload file']);
    case 'filter':
      return random.chance(0.5) ? { [random.pick(['color', 'year', 'price'])]: filterOn(random) } : undefined;
    case 'mapping':
      return random.pick([{ id: 'id' }, { text: ['color'] }, { id: 'id', text: ['color', 'note'] }]);
    case 'options':
      return { version: 'v1' };
    case 'idempotency_key':
      return random.chance(0.5) ? `key-${random.int(0, 500)}` : undefined;
    default:
      return undefined;
  }
}

function filterOn(random: Random): unknown {
  const value = random.pick<unknown>(['red', 1980, 9.5, true, null, "it's", '2026-01-01']);
  const operator = random.pick(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'contains']);
  return random.pick([value, { [operator]: value }, { in: [value, 'blue'] }, { is_null: random.chance(0.5) }]);
}

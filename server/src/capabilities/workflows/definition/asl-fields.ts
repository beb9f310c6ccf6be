import type { StateType } from './machine.ts';

/** How the value of a field is checked. */
export type FieldKind =
  | 'comment'
  | 'language'
  | 'type'
  | 'target'
  | 'end'
  | 'resource'
  | 'template'
  | 'output'
  | 'assign'
  | 'retry'
  | 'catch'
  | 'choices'
  | 'seconds'
  | 'timeout'
  | 'timestamp'
  | 'text'
  | 'branches'
  | 'processor'
  | 'items'
  | 'selector'
  | 'batcher'
  | 'count'
  | 'percentage';

type Fields = Readonly<Record<string, FieldKind>>;

const common = { Type: 'type', Comment: 'comment', QueryLanguage: 'language' } as const;
const moves = { Next: 'target', End: 'end' } as const;
const yields = { Output: 'output', Assign: 'assign' } as const;
const recovers = { Retry: 'retry', Catch: 'catch' } as const;

/** The fields that a state of each type may have: those of the States Language in its JSONata dialect that are run here. */
export const stateFields: Readonly<Record<StateType, Fields>> = {
  Task: {
    ...common,
    ...moves,
    ...yields,
    ...recovers,
    Resource: 'resource',
    Arguments: 'template',
    TimeoutSeconds: 'timeout',
  },
  Pass: { ...common, ...moves, ...yields },
  Choice: { ...common, ...yields, Choices: 'choices', Default: 'target' },
  Wait: { ...common, ...moves, ...yields, Seconds: 'seconds', Timestamp: 'timestamp' },
  Succeed: { ...common, Output: 'output' },
  Fail: { ...common, Error: 'text', Cause: 'text' },
  Parallel: { ...common, ...moves, ...yields, ...recovers, Arguments: 'template', Branches: 'branches' },
  Map: {
    ...common,
    ...moves,
    ...yields,
    ...recovers,
    ItemProcessor: 'processor',
    Items: 'items',
    ItemSelector: 'selector',
    ItemBatcher: 'batcher',
    MaxConcurrency: 'count',
    ToleratedFailureCount: 'count',
    ToleratedFailurePercentage: 'percentage',
  },
};

const ofJsonPath = 'belongs to JSONPath, and only JSONata is run here.';
const useTemplate = 'Say it with Arguments, Output or Assign and {% … %}.';
const jsonPathFields = [
  'InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath MaxConcurrencyPath',
  'ToleratedFailureCountPath ToleratedFailurePercentagePath TimeoutSecondsPath HeartbeatSecondsPath SecondsPath',
  'TimestampPath ErrorPath CausePath MaxItemsPerBatchPath MaxInputBytesPerBatchPath Variable And Or Not',
];

/** Fields that the States Language or its first interpreter know, and why they are refused. */
export const refusedFields: Readonly<Record<string, readonly [reason: string, suggestion: string]>> = {
  ...Object.fromEntries(
    jsonPathFields.flatMap((names) => names.split(' ')).map((name) => [name, [ofJsonPath, useTemplate]]),
  ),
  HeartbeatSeconds: ['has no counterpart: a tool of MCP sends no heartbeat that it must.', 'Use TimeoutSeconds.'],
  Credentials: [
    'is not taken from a definition: the operator declares servers with what they need.',
    'Leave it out; `tutti server add` has the credentials of a server.',
  ],
  Iterator: ['is the old name of ItemProcessor.', 'Call it ItemProcessor.'],
  ItemReader: [
    'is not supported: a Map reads no storage by itself.',
    'Read the items with a Task before it, and give them as Items.',
  ],
  ResultWriter: [
    'is not supported: a Map writes to no storage by itself.',
    'Write its result with a Task behind it; results over 256 KiB are kept by reference anyway.',
  ],
  Label: ['is for distributed Maps, and a Map runs within its run here.', 'Leave it out.'],
  ExecutionType: ['is for distributed Maps, and a Map runs within its run here.', 'Leave it out.'],
};

/** What is said of a field that a thing called `owner` may not have. */
export function refusalOf(field: string, owner: string, allowed: readonly string[]): readonly [string, string] {
  const known = Object.hasOwn(refusedFields, field) ? refusedFields[field] : undefined;
  if (known) return [`${field} ${known[0]}`, known[1]];
  const name = field.length > 80 ? `${field.slice(0, 80)}…` : field;
  return [`${owner} has no field ${JSON.stringify(name)}.`, `Its fields are ${allowed.join(', ')}.`];
}

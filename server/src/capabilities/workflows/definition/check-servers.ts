import { SchemaProblem } from '../../../core/json-schema.ts';
import { hasExpressions } from '../expressions/template.ts';
import { formProblem } from './form.ts';
import { createFound, type Found } from './found.ts';
import { compileSchema } from './input-schema.ts';
import { isObject, type JsonObject } from './json.ts';
import { approvalFields, longestApprovalS, type Machine, parseResource, type TaskState } from './machine.ts';
import type { Path, Problem } from './problem.ts';
import { statesOf } from './walk.ts';

/** What is asked of a tool. Its schema may come from outside. */
export interface CallableTool {
  readonly name: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Of one of our own tools, the scope that it needs. */
  readonly scope?: string;
}

/** The tools of a server; `undeclared` where nobody declared it, `unlisted` where its tools could not be had. */
export type ServerLookup = (server: string) => readonly CallableTool[] | 'undeclared' | 'unlisted';

/** The state of this resource asks a person; it is no tool of ours. */
const approvalResource = 'mcp://tutti/request_approval';

const schemaShown = 'list_downstream_tools shows the schema of the tool; of our own, describe_tool.';

const approvalArguments: readonly [field: string, fits: (value: unknown) => boolean, wanted: string][] = [
  ['message', (value) => typeof value === 'string' && value !== '', 'a text for whoever decides'],
  ['expires_s', (value) => typeof value === 'number' && value >= 1 && value <= longestApprovalS, 'a number of seconds'],
  [
    'approvers',
    (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
    'a list of principals, by name or id',
  ],
];

/**
 * What is wrong with the calls of a machine, by what the servers offer now: servers and tools that are not there, arguments
 * that a tool wants and does not get or gets and does not know, and plain values that miss its schema. `scopes` are those of
 * the envelope.
 */
export function checkAgainstServers(machine: Machine, lookup: ServerLookup, scopes: readonly string[] = []): Problem[] {
  const found = createFound();
  for (const { state, path } of statesOf(machine)) {
    if (state.Type !== 'Task') continue;
    if (state.Resource === approvalResource) checkApproval(state, path, found);
    else checkCall(state, path, lookup, scopes, found);
  }
  return found.problems;
}

function checkCall(
  state: TaskState,
  path: Path,
  lookup: ServerLookup,
  scopes: readonly string[],
  found: Found,
): undefined {
  const called = parseResource(state.Resource);
  if (!called) return;
  const tools = lookup(called.server);
  const at = [...path, 'Resource'];
  if (tools === 'undeclared')
    return found.add(
      at,
      `No server ${called.server} is declared.`,
      'list_downstream_servers has those that are; the operator adds one with `tutti server add`.',
    );
  if (tools === 'unlisted') return;
  const tool = tools.find(({ name }) => name === called.tool);
  if (!tool)
    return found.add(
      at,
      `${called.server} has no tool ${called.tool}.`,
      called.server === 'tutti'
        ? 'search_tools finds our own.'
        : `list_downstream_tools has those of ${called.server}.`,
    );
  if (tool.scope !== undefined && !scopes.includes(tool.scope))
    found.add(at, `${called.tool} needs the scope ${tool.scope}.`, `Add ${tool.scope} to scopes.`);
  if (isObject(state.Arguments)) checkArguments(state.Arguments as JsonObject, tool, [...path, 'Arguments'], found);
}

function checkArguments(given: JsonObject, { name, inputSchema }: CallableTool, path: Path, found: Found): undefined {
  const { required, properties, additionalProperties } = inputSchema;
  const known = isObject(properties) ? Object.keys(properties) : [];
  for (const wanted of Array.isArray(required) ? required : [])
    if (typeof wanted === 'string' && given[wanted] === undefined)
      found.add(path, `${name} wants the argument ${JSON.stringify(wanted.slice(0, 80))}.`, 'Add it.');
  for (const argument of additionalProperties === false ? Object.keys(given) : [])
    if (!known.includes(argument))
      found.add(
        [...path, argument],
        `${name} has no such argument.`,
        `It has ${known.slice(0, 30).join(', ') || 'none'}.`,
      );
  if (!isObject(properties)) return;
  const literal = Object.entries(given).filter(
    ([argument, value]) => known.includes(argument) && !hasExpressions(value),
  );
  for (const [argument, value] of literal) checkValue(inputSchema, argument, value, [...path, argument], found);
}

/** One argument by its own schema. What the server's schema refers to stays in reach. */
function checkValue(
  inputSchema: Readonly<Record<string, unknown>>,
  argument: string,
  value: unknown,
  path: Path,
  found: Found,
): undefined {
  const { $defs, definitions, properties } = inputSchema;
  const own = (properties as Record<string, unknown>)[argument];
  try {
    const schema = { ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) };
    const validate = compileSchema({ ...schema, allOf: [own] }, { strict: false });
    found.take(validate(value, path).map((one) => ({ ...one, suggestion: schemaShown })));
  } catch (error) {
    // A schema that we do not take says nothing of the value: the server will.
    if (!(error instanceof SchemaProblem)) throw error;
  }
}

function checkApproval(state: TaskState, path: Path, found: Found): undefined {
  const at = [...path, 'Arguments'];
  const given = state.Arguments;
  if (
    typeof state.TimeoutSeconds === 'string' ||
    (isObject(given) && given.expires_s !== undefined && state.TimeoutSeconds)
  )
    found.add(
      [...path, 'TimeoutSeconds'],
      'How long request_approval waits is expires_s.',
      'Leave TimeoutSeconds out.',
    );
  if (typeof given === 'string') return;
  if (!isObject(given) || given.message === undefined)
    return found.add(at, 'request_approval wants the argument "message".', 'Say what is to be approved.');
  for (const field of Object.keys(given))
    if (!approvalFields.includes(field))
      found.add([...at, field], 'request_approval has no such argument.', `It has ${approvalFields.join(', ')}.`);
  for (const [field, fits, wanted] of approvalArguments) {
    const value = given[field];
    if (value !== undefined && !hasExpressions(value as JsonObject) && !fits(value))
      found.add([...at, field], `It is ${wanted}.`, 'Give that, or an expression.');
  }
  if (given.fields !== undefined && !hasExpressions(given.fields as JsonObject))
    checkForm(given.fields, [...at, 'fields'], found);
}

function checkForm(fields: unknown, path: Path, found: Found): undefined {
  const wrong = isObject(fields) ? formProblem(fields) : 'it is no JSON Schema';
  if (wrong !== undefined)
    found.add(path, `Nobody could fill it in: ${wrong}.`, 'Say type: object, and properties of plain types; 2020-12.');
}

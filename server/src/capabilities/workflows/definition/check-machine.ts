import { functionNames } from '../expressions/functions.ts';
import { stateFields } from './asl-fields.ts';
import { type Context, checkState } from './check-state.ts';
import { closed, type Found } from './found.ts';
import { checkGraph } from './graph-checks.ts';
import { isObject } from './json.ts';
import type { StateType } from './machine.ts';
import type { Path } from './problem.ts';
import { checkComment } from './retry-checks.ts';
import { checkStateName, checkVariableNames } from './value-checks.ts';

const deepestScopes = 8;
const machineFields = ['Comment', 'QueryLanguage', 'Version', 'TimeoutSeconds', 'StartAt', 'States'];
const branchFields = ['Comment', 'StartAt', 'States'];
const processorFields = [...branchFields, 'ProcessorConfig'];

/** Checks a state machine by our own rules: all that is accepted is run as it says. */
export function checkMachine(value: unknown, path: Path, found: Found): undefined {
  const machine = closed(value, path, found, 'A state machine', machineFields);
  if (!machine) return;
  const language = machine.QueryLanguage;
  if (language !== undefined && language !== 'JSONata')
    found.add(
      [...path, 'QueryLanguage'],
      'Only the query language JSONata is run here.',
      'Say QueryLanguage: JSONata.',
    );
  if (machine.Version !== undefined && machine.Version !== '1.0')
    found.add([...path, 'Version'], 'Version is that of the States Language: "1.0".', 'Leave it out.');
  const timeout = machine.TimeoutSeconds;
  if (
    timeout !== undefined &&
    !(Number.isInteger(timeout) && (timeout as number) >= 1 && (timeout as number) <= 99_999_999)
  )
    found.add(
      [...path, 'TimeoutSeconds'],
      'TimeoutSeconds is a whole number from 1.',
      'Give the seconds that a run may take.',
    );
  const names = new Set<string>();
  checkScope(machine, path, found, { jsonata: language === 'JSONata', root: path, outer: new Set(), names, depth: 0 });
}

interface Around {
  /** Whether the machine as a whole says JSONata. */
  readonly jsonata: boolean;
  readonly root: Path;
  /** The variables of the scopes around. */
  readonly outer: ReadonlySet<string>;
  /** The names of all states so far: they are unique in the machine. */
  readonly names: Set<string>;
  readonly depth: number;
}

function checkScope(scope: Record<string, unknown>, path: Path, found: Found, around: Around): undefined {
  checkComment(scope.Comment, [...path, 'Comment'], found);
  const states = scope.States;
  if (!isObject(states) || Object.keys(states).length === 0)
    return found.add(
      [...path, 'States'],
      'States is a mapping with at least one state.',
      'Begin with StartAt and States.',
    );
  if (around.depth > deepestScopes)
    return found.add(
      path,
      `Maps and Parallels stand at most ${deepestScopes} deep in each other.`,
      'Split the workflow.',
    );
  const own = new Set(Object.values(states).flatMap(assignedBy));
  const variables = new Set([...around.outer, ...own]);
  for (const [name, state] of Object.entries(states)) {
    const at = [...path, 'States', name];
    const wrong = checkStateName(name);
    if (wrong) found.add(at, wrong, 'Call it otherwise.');
    if (around.names.has(name)) found.add(at, 'Another state has this name.', 'Names are unique in the whole machine.');
    around.names.add(name);
    const type = checkType(state, at, found, around);
    if (!type) continue;
    const fields = closed(state, at, found, `A state of type ${type}`, Object.keys(stateFields[type]));
    if (!fields) continue;
    const context: Context = {
      found,
      variable: (variable) => variables.has(variable),
      checkAssign: (value, where) =>
        checkVariableNames(value, where, found, (variable) => taken(variable, around.outer)),
      checkInner: (value, where, processor) => {
        const owner = processor ? 'An ItemProcessor' : 'A branch';
        const inner = closed(value, where, found, owner, processor ? processorFields : branchFields);
        if (inner) checkScope(inner, where, found, { ...around, outer: variables, depth: around.depth + 1 });
      },
    };
    checkState(type, fields, at, context);
  }
  checkGraph(scope, path, found);
}

function checkType(state: unknown, path: Path, found: Found, around: Around): StateType | undefined {
  const type = isObject(state) ? state.Type : undefined;
  if (!isObject(state) || typeof type !== 'string' || !Object.hasOwn(stateFields, type)) {
    found.add(
      [...path, 'Type'],
      'A state is a mapping with a Type.',
      `Types are ${Object.keys(stateFields).join(', ')}.`,
    );
    return undefined;
  }
  const own = state.QueryLanguage;
  if (own === undefined ? !around.jsonata : own !== 'JSONata')
    found.add(
      [...(own === undefined ? around.root : path), 'QueryLanguage'],
      'Only the query language JSONata is run here, and without a word the States Language means JSONPath.',
      'Say QueryLanguage: JSONata beside StartAt.',
    );
  return type as StateType;
}

function taken(name: string, outer: ReadonlySet<string>): string | undefined {
  if (name === 'states') return '$states is reserved.';
  if (functionNames.has(name)) return `$${name} is a function of JSONata.`;
  if (outer.has(name)) return `A scope around this one has the variable $${name}, which is read only here.`;
  return undefined;
}

/** The variables that a state assigns, in whatever way. */
function assignedBy(state: unknown): string[] {
  if (!isObject(state)) return [];
  const within = ['Choices', 'Catch'].flatMap((field) =>
    Array.isArray(state[field]) ? (state[field] as unknown[]) : [],
  );
  return [state, ...within].flatMap((holder) =>
    isObject(holder) && isObject(holder.Assign) ? Object.keys(holder.Assign) : [],
  );
}

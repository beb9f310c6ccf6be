import type { Template } from '../definition/json.ts';
import type { Scope, State } from '../definition/machine.ts';
import { QueryError } from '../expressions/protocol.ts';
import { hasExpressions } from '../expressions/template.ts';
import type { StateRow } from '../journal/row.ts';
import type { Activity } from './activity.ts';
import { StateFailure } from './failure.ts';
import type { MachineNeeds } from './needs.ts';

/** A value on its way through the states, and whether it may hold something secret. */
export interface Datum {
  readonly value: unknown;
  readonly secret: boolean;
}

/** A scope that runs: the machine, an item of a Map, a branch of a Parallel. */
export interface RunningScope {
  /** Empty at the top. */
  readonly path: string;
  readonly states: Scope['States'];
  readonly startAt: string;
  /** Its own variables; those of the scopes around it are read, never assigned. */
  readonly variables: Record<string, unknown>;
  readonly parent: RunningScope | undefined;
  /** What `$states.context.Map` says in it. */
  readonly map: { readonly Item: { readonly Index: number; readonly Value: unknown } } | undefined;
  /** Fires when the scope is given up. */
  readonly signal: AbortSignal;
  /** Whether something secret was computed in it, or before it. */
  secret: boolean;
}

/** One run of a machine in this process. */
export interface Run {
  readonly needs: MachineNeeds;
  readonly activity: Activity;
  /** Fires when the run ends or leaves: every call and wait ends with it. */
  readonly signal: AbortSignal;
  readonly input: Datum;
  /** Data of the states that ended in this process. */
  readonly kept: { bytes: number };
  /** Runs the states of a scope within a state. */
  readonly within: (scope: RunningScope, input: Datum) => Promise<Datum>;
}

/** A state that is being executed. */
export interface Visit<S extends State = State> {
  readonly run: Run;
  readonly scope: RunningScope;
  readonly state: S;
  readonly row: StateRow;
  readonly input: Datum;
}

/** How a state is left. */
export interface Exit {
  readonly output: unknown;
  readonly assigned?: Readonly<Record<string, unknown>> | undefined;
  /** Undefined where the scope ends with it. */
  readonly next: string | undefined;
  readonly caught?: boolean;
}

/** Path of what stands in a scope. Names may hold any character: those that separate are escaped. */
export function pathIn(scope: string, ordinal: number, name: string): string {
  const own = `${ordinal}:${name.replace(/[%/.[\]]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`;
  return scope === '' ? own : `${scope}/${own}`;
}

/** Evaluates a template of a state. `extra` is what `$states` has besides input and context; `what` tells it from the state's others. */
export async function evaluate(
  visit: Visit,
  what: string,
  template: Template,
  extra: Readonly<Record<string, unknown>> = {},
  map = visit.scope.map,
): Promise<unknown> {
  if (!hasExpressions(template)) return template;
  const { run, scope, row, input } = visit;
  const text = JSON.stringify(template);
  const states: Record<string, unknown> = { input: input.value, ...extra };
  if (mentionsContext(text)) states.context = contextOf(visit, map);
  const request = {
    expressions: template,
    bindings: { states, variables: mentioned(scope, text) },
    clock: row.entered_at,
    seed: `${run.needs.execution.seed}/${row.path}/${row.tries}/${what}`,
  };
  try {
    return await run.activity.during(() => run.needs.evaluate(request, scope.signal));
  } catch (error) {
    if (scope.signal.aborted) throw scope.signal.reason;
    if (!(error instanceof QueryError)) throw error;
    throw new StateFailure(
      error.limit === 'size' ? 'States.DataLimitExceeded' : 'States.QueryEvaluationError',
      error.message,
    );
  }
}

/** Evaluates what a state yields: `Output` (by default `fallback`) and `Assign`, which both see the variables as they were. */
export async function yields(
  visit: Visit,
  { Output, Assign }: { readonly Output?: Template; readonly Assign?: Readonly<Record<string, Template>> },
  fallback: unknown,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Pick<Exit, 'output' | 'assigned'>> {
  const template: Record<string, Template> = {
    ...(Output !== undefined && { output: Output }),
    ...(Assign !== undefined && { assign: Assign }),
  };
  const done = (await evaluate(visit, 'yield', template, extra)) as {
    output?: unknown;
    assign?: Record<string, unknown>;
  };
  return { output: Output === undefined ? fallback : done.output, assigned: done.assign };
}

/** The context is large, for it has the run's input: only expressions that may read it get it. */
function mentionsContext(text: string): boolean {
  return /\$states(?!\.(input|result|errorOutput)\b)/.test(text);
}

/** The variables whose names stand in a text, the innermost of each. */
function mentioned(scope: RunningScope, text: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (let at: RunningScope | undefined = scope; at; at = at.parent) {
    for (const [name, value] of Object.entries(at.variables)) {
      if (!Object.hasOwn(found, name) && text.includes(`$${name}`)) found[name] = value;
    }
  }
  return found;
}

function contextOf({ run, row }: Visit, map: RunningScope['map']): Record<string, unknown> {
  const { id, workflow, version, startedAt, redrives } = run.needs.execution;
  return {
    Execution: {
      Id: id,
      Name: id,
      Input: run.input.value,
      StartTime: startedAt.toISOString(),
      RedriveCount: redrives,
    },
    StateMachine: { Id: workflow, Name: workflow, Version: version },
    State: { Name: row.name, EnteredTime: row.entered_at, RetryCount: row.tries },
    ...(map && { Map: map }),
  };
}

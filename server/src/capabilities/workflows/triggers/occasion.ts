import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Cause } from '../../../core/events/cause.ts';
import type { JsonObject, Template } from '../definition/json.ts';
import { lockWorkflow } from '../definitions/store.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import type { RunTrigger } from '../runs/run.ts';
import { type StartNeeds, startRun } from '../runs/start.ts';
import { noteOccasion, type Trigger } from './store.ts';

/** What happened that a trigger is there for, worked out before the transaction that starts its run. */
export interface Occasion {
  readonly trigger: Trigger;
  readonly at: Date;
  readonly started: RunTrigger;
  readonly cause?: Cause | undefined;
  /** The run's input; or why there is none. */
  readonly input: { readonly value: unknown } | { readonly problem: string };
}

/** The input that a trigger makes of what it was told: all of it, where the definition says nothing. */
export async function inputOf(
  { spec, id }: Trigger,
  told: Readonly<Record<string, unknown>>,
  seed: string,
  evaluator: Pick<Evaluator, 'evaluate'>,
): Promise<Occasion['input']> {
  if (spec.input === undefined) return { value: told };
  return evaluate(spec.input, told, `${id} ${seed}`, evaluator);
}

/** Whether a trigger's filter lets an event through; or why that is not known. */
export async function passes(
  filter: string,
  told: Readonly<Record<string, unknown>>,
  seed: string,
  evaluator: Pick<Evaluator, 'evaluate'>,
): Promise<boolean | string> {
  const result = await evaluate(filter, told, seed, evaluator);
  if ('problem' in result) return result.problem;
  return typeof result.value === 'boolean' ? result.value : 'The filter gave neither true nor false.';
}

async function evaluate(
  expressions: Template,
  told: Readonly<Record<string, unknown>>,
  seed: string,
  evaluator: Pick<Evaluator, 'evaluate'>,
): Promise<Occasion['input']> {
  try {
    const value = await evaluator.evaluate({
      expressions,
      bindings: { states: { input: told as JsonObject }, variables: {} },
      clock: new Date().toISOString(),
      seed,
    });
    return { value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: `An expression of the trigger failed: ${message}`.slice(0, 500) };
  }
}

/** Starts the run of an occasion in the caller's transaction, or notes why there is none. */
export async function take(tx: Db, occasion: Occasion, needs: StartNeeds): Promise<void> {
  const { trigger, at, started, cause, input } = occasion;
  // Before the row of the trigger, as whoever puts the workflow does.
  await lockWorkflow(tx, trigger.workflow);
  if ('problem' in input) return noteOccasion(tx, trigger.id, { at, problem: input.problem });
  try {
    const run = await startRun(
      tx,
      {
        workflow: trigger.workflow,
        input: input.value,
        trigger: started,
        authority: { ...trigger.authority, principalId: trigger.principal_id },
        cause,
      },
      needs,
    );
    await noteOccasion(tx, trigger.id, { at, run: run.id });
  } catch (error) {
    // It refuses before it has written anything; all other failures undo the transaction.
    if (!(error instanceof AppError)) throw error;
    await noteOccasion(tx, trigger.id, { at, problem: `${error.code}: ${error.message}`.slice(0, 500) });
  }
}

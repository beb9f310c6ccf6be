import { randomBytes } from 'node:crypto';
import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Cause } from '../../../core/events/cause.ts';
import { withCause } from '../../../core/events/store.ts';
import { newId } from '../../../core/ids.ts';
import { checkInput } from '../definitions/input.ts';
import { type Definition, findDefinition, lockWorkflow } from '../definitions/store.ts';
import { busy, invalidInput, looped, noWorkflow } from '../errors.ts';
import { isLoop } from './cause.ts';
import { type RoomNeeds, roomFor } from './room/room.ts';
import type { Payloads, RunRow, RunTrigger } from './run.ts';
import { findRun, insertRun } from './store.ts';

export interface StartNeeds extends RoomNeeds {
  readonly payloads: Payloads;
  /** Runs of one workflow that may wait for room. */
  readonly maxQueued: number;
}

export interface StartRequest {
  readonly workflow: string;
  /** By default the newest. */
  readonly version?: number | undefined;
  readonly input: unknown;
  readonly trigger: RunTrigger;
  /** As whom it acts. */
  readonly authority: Authority;
  /** Why it starts, where that is not what the transaction says already. */
  readonly cause?: Cause | undefined;
}

/**
 * Starts a run in the caller's transaction: it exists if that commits. Throws WORKFLOW_NOT_FOUND, INVALID_WORKFLOW_INPUT, and
 * WORKFLOW_BUSY where the definition refuses another run.
 */
export async function startRun(tx: Db, request: StartRequest, needs: StartNeeds): Promise<RunRow> {
  const { workflow, version, input, trigger, authority, cause } = request;
  // A put or another start of the same workflow waits: what is counted stays true until this commits.
  await lockWorkflow(tx, workflow);
  const definition = await findDefinition(tx, workflow, version);
  if (!definition) throw noWorkflow(workflow, version);
  requireInput(definition, input);
  const room = await roomFor(tx, definition, needs);
  if (room.refused) throw busy(workflow, room.open);
  if (room.queued >= needs.maxQueued) throw busy(workflow, room.open + room.queued);
  const id = newId('run');
  const { principalId, ...acting } = authority;
  const work = async () => {
    const run = await insertRun(tx, {
      id,
      job_id: newId('job'),
      workflow,
      version: definition.version,
      owner: principalId,
      authority: acting,
      trigger,
      input: await needs.payloads.keep(tx, input, { runId: id, path: 'input', sealed: isSealed(definition) }),
      seed: randomBytes(16).toString('hex'),
    });
    await room.enter(run);
    return (await findRun(tx, id)) as RunRow;
  };
  return cause ? withCause(tx, cause, work) : work();
}

/** Refuses a start that a run of the same workflow led to, directly or through others. */
export function refuseLoop(cause: Cause | undefined, workflow: string): void {
  if (isLoop(cause, workflow)) throw looped(workflow);
}

/** Throws INVALID_WORKFLOW_INPUT where an input misses the definition's schema. */
function requireInput({ name, envelope }: Definition, input: unknown): void {
  const issues = envelope.input === undefined ? [] : checkInput(envelope.input, input);
  if (issues.length > 0) throw invalidInput(name, issues);
}

function isSealed({ envelope }: Definition): boolean {
  return envelope.sensitive === true;
}

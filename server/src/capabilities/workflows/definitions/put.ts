import type { Authority } from '../../../core/auth/authority.ts';
import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { appendEvent } from '../../../core/events/store.ts';
import type { Envelope } from '../definition/envelope.ts';
import type { Machine } from '../definition/machine.ts';
import { invalidWorkflow, type Problem } from '../errors.ts';
import { nextTime } from '../triggers/cron.ts';
import { type NewTrigger, putTriggers } from '../triggers/store.ts';
import { type Definition, findDefinition, highestVersion, insertDefinition, lockWorkflow, putAgain } from './store.ts';

export interface CheckedDefinition {
  readonly document: string;
  readonly envelope: Envelope;
  readonly machine: Machine;
}

/**
 * Keeps a definition that was found good, as the newest version, with its triggers. One that is there already becomes no
 * version again, but its triggers act as whoever put it now.
 */
export async function putDefinition(
  tx: Db,
  { document, envelope, machine }: CheckedDefinition,
  authority: Authority,
): Promise<{ readonly definition: Definition; readonly created: boolean }> {
  const { name } = envelope;
  const { principalId, ...acting } = authority;
  await lockWorkflow(tx, name);
  const known = await findDefinition(tx, name);
  const same = known?.document === document;
  const version = same ? known.version : (await highestVersion(tx, name)) + 1;
  if (envelope.version !== undefined && envelope.version !== version) {
    throw invalidWorkflow([wrongVersion(envelope.version, version)]);
  }
  const put = { name, version, put_by: principalId, authority: acting };
  const definition = same
    ? await putAgain(tx, put)
    : await insertDefinition(tx, { ...put, document, envelope, machine });
  await putTriggers(tx, name, triggersOf(envelope, principalId, acting));
  if (!same) await tellWorkflow(tx, name, { version, put_by: principalId });
  return { definition, created: !same };
}

/** Says that a workflow changed. Its content is not in the event. */
export async function tellWorkflow(tx: Db, name: string, data: Readonly<Record<string, unknown>>): Promise<void> {
  await appendEvent(tx, {
    type: 'workflow.updated',
    subject: `workflow:${name}`,
    toolset: 'workflows',
    data: { name, ...data },
  });
}

function triggersOf(
  { name, triggers }: Envelope,
  principalId: string,
  authority: NewTrigger['authority'],
): NewTrigger[] {
  const made = triggers.map((spec): NewTrigger => {
    const { schedule } = spec;
    const kind = schedule ? 'schedule' : spec.webhook ? 'webhook' : 'event';
    const next_at = schedule ? (nextTime(schedule.cron, schedule.timezone ?? 'UTC', new Date()) ?? null) : null;
    return { workflow: name, fingerprint: sha256(spec), kind, spec, principal_id: principalId, authority, next_at };
  });
  // Two that say the same are one.
  return [...new Map(made.map((trigger) => [trigger.fingerprint, trigger])).values()];
}

function wrongVersion(given: number, next: number): Problem {
  return {
    path: 'version',
    message: `says ${given}, but this would be version ${next}`,
    suggestion: 'Somebody may have put another version: look at it with get_workflow. Or leave `version` out.',
  };
}

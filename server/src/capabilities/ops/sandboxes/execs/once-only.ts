import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../../core/db/database.ts';
import { AppError, envelope } from '../../../../core/errors.ts';
import { claimExec, findExecOutcome, finishExec } from './store.ts';

const lookMs = 200;
/** For killing what a command began. */
const afterMs = 10_000;

/**
 * Runs a command outside of any transaction, once for each id: whoever comes with the same one is given the same outcome, and waits
 * for it. Without an id it simply runs. Throws IN_DOUBT where the server of the first call was killed meanwhile.
 */
export async function onceOnly<T extends Record<string, unknown>>(
  db: Db,
  id: string | undefined,
  timeoutS: number,
  work: () => Promise<T>,
): Promise<T> {
  if (id === undefined) return work();
  if (await claimExec(db, id)) {
    try {
      const answer = await work();
      await finishExec(db, id, { answer });
      return answer;
    } catch (error) {
      await finishExec(db, id, { error: envelope(error).error });
      throw error;
    }
  }
  for (const until = Date.now() + timeoutS * 1000 + afterMs; ; await sleep(lookMs)) {
    const outcome = await findExecOutcome(db, id);
    if (outcome?.answer) return outcome.answer as T;
    if (outcome?.error) throw again(outcome.error);
    if (Date.now() > until) throw inDoubt();
  }
}

function again({ code, message, suggestion, details }: ReturnType<typeof envelope>['error']): AppError {
  return new AppError(code, message, suggestion, details);
}

function inDoubt(): AppError {
  return new AppError(
    'IN_DOUBT',
    'The first call with this idempotency_key was cut off; whether its command ended is not known.',
    'Look at what it did with orcaops_exec_sandbox, then repeat it with a new idempotency_key if need be.',
  );
}

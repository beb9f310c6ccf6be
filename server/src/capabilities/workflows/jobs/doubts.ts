import type { Db } from '../../../core/db/database.ts';
import { findCall, putCall } from '../../../core/jobs/calls/store.ts';
import type { PostgresJournal } from '../journal/postgres.ts';
import type { Doubts } from '../machine/needs.ts';

/** A run journals by itself: whatever is found out of a call, its job goes on from the start of its only step. */
const start = 0;

/** Calls in doubt where `resolve_in_doubt_call` finds them. The number of the state's row stands for the step. */
export function createDoubts(db: Db, jobId: string, journal: PostgresJournal): Doubts {
  const mark = (seq: number, state: string, name: string) =>
    journal.alongside((tx) => putCall(tx, { job_id: jobId, step: seq, name, state, claim: '', rewind_to: start }));
  return {
    note: (seq, call) => mark(seq, 'in_doubt', call),
    async look(seq) {
      const known = await findCall(db, jobId, seq);
      if (known?.state === 'resolved') return { result: known.result };
      if (known?.state !== 'answered') return undefined;
      // Once: should it be cut off again, that is another doubt.
      mark(seq, 'sending', known.name);
      return 'repeat';
    },
  };
}

import type { Db } from '../../../core/db/database.ts';
import { openedDecision, sealedRequest } from '../approvals/sealed.ts';
import { type Approval, expireApproval, findApprovalAt, openApproval, withdrawApproval } from '../approvals/store.ts';
import type { PostgresJournal } from '../journal/postgres.ts';
import type { ApprovalAnswer, Approvals } from '../machine/needs.ts';
import type { Payloads, RunRow } from '../runs/run.ts';

export interface ApprovalNeeds {
  readonly db: Db;
  readonly payloads: Payloads;
  readonly journal: Pick<PostgresJournal, 'alongside'>;
  /** A transaction that only the owner of the run can make. */
  readonly write: <T>(work: (tx: Db) => Promise<T>) => Promise<T>;
}

/** What a run asks of people, in the database. */
export function createApprovals(
  { db, payloads, journal, write }: ApprovalNeeds,
  run: Pick<RunRow, 'id' | 'workflow' | 'owner'>,
): Approvals {
  return {
    open({ sealed, expiresAt, ...request }) {
      const { id: run_id, workflow, owner } = run;
      const asked = { ...request, run_id, workflow, owner, expires_at: expiresAt };
      journal.alongside(async (tx) => {
        await openApproval(tx, sealed ? await sealedRequest(tx, asked, payloads) : { ...asked, sealed: null });
      });
    },
    look: async (place) => answerOf(await findApprovalAt(db, run.id, place)),
    async expire(place) {
      const now = await write(async (tx) => {
        const found = await findApprovalAt(tx, run.id, place);
        return found && expireApproval(tx, found.id);
      });
      return answerOf(now);
    },
    withdraw: (place) => journal.alongside((tx) => withdrawApproval(tx, run.id, place)),
  };

  async function answerOf(approval: Approval | undefined): Promise<ApprovalAnswer | undefined> {
    if (approval?.state !== 'approved' && approval?.state !== 'rejected') return undefined;
    const { state, decided_by, decided_at } = approval;
    const decision = await openedDecision(approval, payloads);
    return {
      approved: state === 'approved',
      by: decided_by ?? '',
      at: decided_at?.toISOString() ?? '',
      values: decision?.values ?? {},
      ...(decision?.comment !== undefined && { comment: decision.comment }),
    };
  }
}

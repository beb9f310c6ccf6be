import type { Db } from '../../../core/db/database.ts';
import { type Approval, expireApproval, findApprovalAt, openApproval } from '../approvals/store.ts';
import type { ApprovalAnswer, Approvals } from '../machine/needs.ts';
import type { RunRow } from '../runs/run.ts';

/** What a run asks of people, in the database. `write` is a transaction that only the owner of the run can make. */
export function createApprovals(
  db: Db,
  run: Pick<RunRow, 'id' | 'workflow' | 'owner'>,
  write: <T>(work: (tx: Db) => Promise<T>) => Promise<T>,
): Approvals {
  return {
    async open({ path, generation, message, fields, approvers, expiresAt }) {
      const { id: run_id, workflow, owner } = run;
      const asked = { run_id, path, generation, workflow, owner, message, fields, approvers, expires_at: expiresAt };
      await write((tx) => openApproval(tx, asked));
    },
    look: async (path, generation) => answerOf(await findApprovalAt(db, run.id, path, generation)),
    expire: (path, generation) =>
      write(async (tx) => {
        const found = await findApprovalAt(tx, run.id, path, generation);
        return found && answerOf(await expireApproval(tx, found.id));
      }),
  };
}

function answerOf(approval: Approval | undefined): ApprovalAnswer | undefined {
  if (approval?.state !== 'approved' && approval?.state !== 'rejected') return undefined;
  const { state, decided_by, decided_at, decision } = approval;
  return {
    approved: state === 'approved',
    by: decided_by ?? '',
    at: decided_at?.toISOString() ?? '',
    values: decision?.values ?? {},
    ...(decision?.comment !== undefined && { comment: decision.comment }),
  };
}

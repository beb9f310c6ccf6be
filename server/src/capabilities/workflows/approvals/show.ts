import type { z } from 'zod';
import type { approvalSchema } from '../contract.ts';
import type { Approval } from './store.ts';

/** An approval as the tools answer it. */
export function showApproval(row: Approval): z.output<typeof approvalSchema> {
  return {
    approval_id: row.id,
    run_id: row.run_id,
    workflow: row.workflow,
    owner: row.owner,
    message: row.message,
    ...(row.fields && { fields: { ...row.fields } }),
    approvers: [...row.approvers],
    state: row.state,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
    ...(row.decided_by !== null && { decided_by: row.decided_by }),
    ...(row.decided_at && { decided_at: row.decided_at.toISOString() }),
  };
}

import type { Principal } from '../../../core/auth/principal.ts';
import type { Approval } from './store.ts';

/** Whether a principal finds an approval: who may resolve it, who owns the run, administrators. */
export function maySee(principal: Principal, { owner, approvers }: Approval): boolean {
  return principal.admin || principal.id === owner || approvers.length === 0 || isNamed(principal, approvers);
}

/** Whether the owner of a run may be asked by its own client: unless the definition names others. */
export function ownerMayBeAsked(owner: Principal, { approvers }: Approval): boolean {
  return approvers.length === 0 || isNamed(owner, approvers);
}

export function isNamed({ id, name }: Principal, approvers: readonly string[]): boolean {
  return approvers.includes(id) || approvers.includes(name);
}

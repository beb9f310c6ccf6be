import type { ContainerInfo } from 'dockerode';
import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Engine } from '../docker/client.ts';
import { isAsMade, nameOf } from '../reconcile/lost.ts';
import type { KnownContainer } from '../reconcile/store.ts';
import { labels } from '../runner/profile.ts';
import { projectLabel, projectOf, sandboxLabel } from '../sandboxes/marks.ts';
import { findSandbox, type SandboxRow } from '../sandboxes/store.ts';

/**
 * Whose a container is. `lost`: of this installation, whose database does not know it; `foreign`: of anybody else, whatever its
 * labels say.
 */
export type Owner =
  | { readonly kind: 'job' | 'pool'; readonly row: KnownContainer }
  | { readonly kind: 'sandbox'; readonly sandbox: SandboxRow }
  | { readonly kind: 'lost' }
  | { readonly kind: 'foreign' };

/** Undefined when it is gone by now. */
export async function ownerOf(
  { Id, Labels, Names }: ContainerInfo,
  row: KnownContainer | undefined,
  engine: Engine,
  db: Db,
  server: string,
): Promise<Owner | undefined> {
  // Anybody who reaches the engine can write our labels on a container: they are a hint, the database is the word.
  if (Labels[labels.server] !== server) return { kind: 'foreign' };
  if (row) {
    const same = row.container_id === null || row.container_id === Id;
    return same ? ownerOfRow(row) : { kind: 'foreign' };
  }
  const sandboxId = Labels[sandboxLabel];
  if (sandboxId === undefined) {
    const made = await isAsMade(engine, Id);
    return made === undefined ? undefined : { kind: made ? 'lost' : 'foreign' };
  }
  const sandbox = await findSandbox(db, sandboxId);
  const project = sandbox && projectOf(sandbox.id);
  const part = Labels[projectLabel] === project && nameOf(Names).startsWith(`${project}`);
  return sandbox && part ? { kind: 'sandbox', sandbox } : { kind: 'foreign' };
}

export function ownerOfRow(row: KnownContainer): Owner {
  return { kind: row.run_id === null ? 'pool' : 'job', row };
}

/** What callers see of containers that this server did not make. */
export type ForeignContainers = 'none' | 'list' | 'read';

export function mayKnow(principal: Principal, owner: Owner, foreign: ForeignContainers): boolean {
  if (owner.kind === 'foreign') return foreign !== 'none';
  const id =
    owner.kind === 'sandbox' ? owner.sandbox.principal_id : owner.kind === 'lost' ? null : owner.row.principal_id;
  // Those that belong to nobody are the administrators' matter.
  return id === null ? principal.admin : canSee(principal, { toolset: 'ops', owner: id });
}

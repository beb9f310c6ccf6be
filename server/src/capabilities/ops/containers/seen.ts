import type { ContainerInfo } from 'dockerode';
import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { noContainer } from '../errors.ts';
import { isAsMade, nameOf } from '../reconcile/lost.ts';
import { type KnownContainer, listKnownContainers } from '../reconcile/store.ts';
import { labels } from '../runner/profile.ts';
import type { SandboxPlace } from '../sandboxes/directory.ts';
import { projectLabel, projectOf, sandboxLabel } from '../sandboxes/marks.ts';
import { findSandbox, type SandboxRow } from '../sandboxes/store.ts';
import { notReadable } from './errors.ts';
import type { Janitor } from './janitor.ts';

/**
 * Whose a container is. `lost`: of this installation, whose database does not know it; `foreign`: of anybody else, whatever its
 * labels say.
 */
export type Owner =
  | { readonly kind: 'job' | 'pool'; readonly row: KnownContainer }
  | { readonly kind: 'sandbox'; readonly sandbox: SandboxRow }
  | { readonly kind: 'lost' }
  | { readonly kind: 'foreign' };

/** A container that a caller may know of. */
export interface Seen {
  readonly id: string;
  readonly name: string;
  /** As it was asked for, where it is ours. */
  readonly image: string;
  /** The engine's word, such as running or exited, and its words, such as Up 3 minutes. */
  readonly state: string;
  readonly status: string;
  readonly createdAt: Date;
  readonly owner: Owner;
}

export interface ContainerNeeds {
  readonly engine: LocalEngine;
  readonly janitor: Janitor;
  readonly installation: () => Promise<string>;
  readonly place: SandboxPlace;
  /** What callers see of containers that this server did not make. */
  readonly foreign: 'none' | 'list' | 'read';
}

/** The containers of the engine that a principal may know of, newest first. Throws DOCKER_UNAVAILABLE. */
export async function listSeen(
  db: Db,
  principal: Principal,
  { engine, installation, foreign }: ContainerNeeds,
  { all }: { readonly all: boolean },
): Promise<Seen[]> {
  const client = await engine.reach();
  const server = await installation();
  const found = await engineCall(client, () => client.docker.listContainers({ all }));
  const known = await listKnownContainers(
    db,
    found.map(({ Names }) => nameOf(Names)),
  );
  const rows = new Map(known.map((row) => [row.name, row] as const));
  const seen = await Promise.all(
    found.map(async (info) => {
      const owner = await ownerOf(info, rows.get(nameOf(info.Names)), client, db, server);
      return owner && mayKnow(principal, owner, foreign) ? [seenOf(info, owner)] : [];
    }),
  );
  return seen.flat().sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
}

/** Sorts by when it was made. */
export function orderOf({ createdAt, id }: Seen): string {
  return `${createdAt.toISOString()} ${id}`;
}

/**
 * A container by its id, the short form of that, or its name, each in full: the engine itself would take any beginning for it. One
 * that the principal may not know of reads like one that is not there. Throws CONTAINER_NOT_FOUND, DOCKER_UNAVAILABLE.
 */
export async function findSeen(db: Db, principal: Principal, needs: ContainerNeeds, id: string): Promise<Seen> {
  const seen = await listSeen(db, principal, needs, { all: true });
  const short = id.length === 12;
  const found = seen.filter((one) => one.id === id || one.name === id || (short && one.id.startsWith(id)));
  const [only] = found;
  if (!only || found.length > 1) throw noContainer(id);
  return only;
}

/** The same, of which more than its existence may be read. Throws CONTAINER_NOT_OURS as well. */
export async function findReadable(db: Db, principal: Principal, needs: ContainerNeeds, id: string): Promise<Seen> {
  const seen = await findSeen(db, principal, needs, id);
  if (seen.owner.kind === 'foreign' && needs.foreign !== 'read') throw notReadable(id);
  return seen;
}

/** Undefined when it is gone by now. */
async function ownerOf(
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
    return same ? { kind: row.run_id === null ? 'pool' : 'job', row } : { kind: 'foreign' };
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

function mayKnow(principal: Principal, owner: Owner, foreign: ContainerNeeds['foreign']): boolean {
  if (owner.kind === 'foreign') return foreign !== 'none';
  const id =
    owner.kind === 'sandbox' ? owner.sandbox.principal_id : owner.kind === 'lost' ? null : owner.row.principal_id;
  // Those that belong to nobody are the administrators' matter.
  return id === null ? principal.admin : canSee(principal, { toolset: 'ops', owner: id });
}

function seenOf({ Id, Names, Image, State, Status, Created }: ContainerInfo, owner: Owner): Seen {
  return {
    id: Id,
    name: nameOf(Names),
    image: (owner.kind === 'job' ? owner.row.image : null) ?? Image,
    state: State,
    status: Status,
    createdAt: new Date(Created * 1000),
    owner,
  };
}

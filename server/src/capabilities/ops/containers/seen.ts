import type { ContainerInfo } from 'dockerode';
import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Engine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { listEngines } from '../engines/store.ts';
import { noContainer } from '../errors.ts';
import { nameOf } from '../reconcile/lost.ts';
import { type KnownContainer, listContainersBeside, listKnownContainers } from '../reconcile/store.ts';
import type { SandboxPlace } from '../sandboxes/directory.ts';
import { notReadable } from './errors.ts';
import type { Janitor } from './janitor.ts';
import { type ForeignContainers, mayKnow, type Owner, ownerOf, ownerOfRow } from './owner.ts';

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
  /** The name of its engine, and whether this process reaches that. */
  readonly engine: string;
  readonly here: boolean;
}

export interface ContainerNeeds {
  readonly engine: LocalEngine;
  readonly janitor: Janitor;
  readonly installation: () => Promise<string>;
  readonly place: SandboxPlace;
  readonly foreign: ForeignContainers;
}

/**
 * The containers that a principal may know of, newest first: those of the engine of this process, and of other engines those of
 * jobs and the pool, as the database knows them. Throws DOCKER_UNAVAILABLE where there is no other engine.
 */
export async function listSeen(
  db: Db,
  principal: Principal,
  needs: ContainerNeeds,
  { all }: { readonly all: boolean },
): Promise<Seen[]> {
  const { engine } = needs;
  const elsewhere = (await listEngines(db)).some(({ name }) => name !== engine.name);
  const client = await engine.reach().catch((error: unknown) => {
    if (elsewhere && error instanceof AppError) return undefined;
    throw error;
  });
  const here = client ? await listHere(db, principal, client, needs, { all }) : [];
  const beside = elsewhere ? await listContainersBeside(db, client && engine.name) : [];
  const names = new Set(here.map(({ name }) => name));
  const there = beside
    .filter((row) => (all || !row.unneeded) && !names.has(row.name))
    .filter((row) => mayKnow(principal, ownerOfRow(row), needs.foreign))
    .map(seenBeside);
  return [...here, ...there].sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
}

async function listHere(
  db: Db,
  principal: Principal,
  client: Engine,
  { engine, installation, foreign }: ContainerNeeds,
  { all }: { readonly all: boolean },
): Promise<Seen[]> {
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
      return owner && mayKnow(principal, owner, foreign) ? [seenOf(info, owner, engine.name)] : [];
    }),
  );
  return seen.flat();
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

function seenOf({ Id, Names, Image, State, Status, Created }: ContainerInfo, owner: Owner, engine: string): Seen {
  return {
    id: Id,
    name: nameOf(Names),
    image: (owner.kind === 'job' ? owner.row.image : null) ?? Image,
    state: State,
    status: Status,
    createdAt: new Date(Created * 1000),
    owner,
    engine,
    here: true,
  };
}

/** One on another engine: whether it runs is what its job says, not what the engine does. */
function seenBeside(row: KnownContainer): Seen {
  const what = row.unneeded
    ? 'to be removed'
    : row.run_id === null
      ? 'waits for a job'
      : 'is for a job that has not ended';
  return {
    id: row.container_id ?? '',
    name: row.name,
    image: row.image ?? '',
    state: row.unneeded ? 'exited' : 'running',
    status: `${what}, as the database knows`,
    createdAt: row.created_at,
    owner: ownerOfRow(row),
    engine: row.engine,
    here: false,
  };
}

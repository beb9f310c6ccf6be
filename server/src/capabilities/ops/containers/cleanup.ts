import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError, type Untrusted, untrusted } from '../../../core/errors.ts';
import type { Engine } from '../docker/client.ts';
import { removeContainer } from '../docker/containers.ts';
import { messageOf } from '../errors.ts';
import { findLost } from '../reconcile/lost.ts';
import { type ContainerNeeds, listSeen } from './seen.ts';

export interface Cleanup {
  readonly stopped: string[];
  readonly removed: string[];
  /** Names of those on engines that only other processes reach: they remove them. */
  readonly left: string[];
  readonly errors: { readonly name: string; readonly message: Untrusted }[];
}

/**
 * Removes what this server made and nobody needs, as far as the principal may know of it: containers of ended jobs, and those
 * that no database knows and whose time is over; those of other engines are left to whoever reaches them. Their rows go with the janitor's next round.
 */
export async function cleanUp(db: Db, principal: Principal, needs: ContainerNeeds, dryRun: boolean): Promise<Cleanup> {
  const unneeded = (await listSeen(db, principal, needs, { all: true })).filter(
    ({ owner }) => (owner.kind === 'job' || owner.kind === 'pool') && owner.row.unneeded,
  );
  const left = unneeded.filter(({ here }) => !here).map(({ name }) => name);
  const done: Cleanup = { stopped: [], removed: [], left, errors: [] };
  const engine = await reachIfAny(needs);
  if (!engine) return done;
  const known = unneeded.filter(({ here }) => here);
  const lost = principal.admin ? await findLost(engine, db, await needs.installation()) : [];
  const all = [...known.map(({ id, name, state }) => ({ id, name, running: state === 'running' })), ...lost];
  for (const { id, name, running } of all) {
    try {
      if (!dryRun) await removeContainer(engine, id);
      done.removed.push(name);
      if (running) done.stopped.push(name);
    } catch (error) {
      // An engine that went away fails the call.
      if (error instanceof AppError && error.code === 'DOCKER_UNAVAILABLE') throw error;
      done.errors.push({ name, message: untrusted('docker', messageOf((error as Error).cause ?? error), 500) });
    }
  }
  return done;
}

/** The engine of this process; undefined where it has none that answers. */
async function reachIfAny({ engine }: ContainerNeeds): Promise<Engine | undefined> {
  try {
    return await engine.reach();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

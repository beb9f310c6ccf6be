import { noAuthority } from '../../../core/auth/authority.ts';
import { inTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { createDiskWatch } from './disk.ts';
import { forgetExecs } from './execs/store.ts';
import type { SandboxNeeds } from './needs.ts';
import { requestWork } from './request.ts';
import { listMarked, takeDown } from './services.ts';
import { freeAbandoned, knownSandboxes, listDue } from './store.ts';

/** Stops sandboxes that nobody uses or that hold too much, deletes those whose time is over, and ends what belongs to none. */
export interface Keeper {
  wake(): void;
  stop(): Promise<void>;
}

const everyMs = 10_000;

/** Keeps the sandboxes of the engine that this process reaches. */
export function createKeeper(needs: SandboxNeeds): Keeper {
  const { db, log, engine } = needs;
  const disk = createDiskWatch(needs);
  let stopped = false;
  let working: Promise<void> | undefined;
  const timer = setInterval(() => keeper.wake(), everyMs).unref();

  async function endDue(): Promise<void> {
    // While it is away, work would only fail.
    await engine.reach();
    await freeAbandoned(db, engine.name);
    for (const { due, ...sandbox } of await listDue(db, engine.name)) {
      if (stopped) return;
      try {
        await inTransaction(db, (tx) =>
          requestWork(
            tx,
            sandbox,
            { action: due, expiry: true },
            { jobs: needs.jobs, place: needs.place, authority: noAuthority },
          ),
        );
      } catch (error) {
        // Somebody works on it by now.
        if (!(error instanceof AppError && error.code === 'CONFLICT')) throw error;
      }
    }
  }

  /** Its volumes stay: they may be all that is left of one that a restored database does not know. */
  async function endUnknown(): Promise<void> {
    const server = await needs.installation();
    const docker = await engine.reach();
    const marked = await listMarked(docker, server);
    const known = await knownSandboxes(db, marked);
    for (const sandbox of marked) {
      if (!known.has(sandbox) && !stopped) await takeDown(docker, { server, sandbox }, { volumes: false });
    }
  }

  /** Each by itself: what fails of one says nothing of the others. */
  async function lookAfter(): Promise<void> {
    for (const part of [endDue, endUnknown, disk.look, () => forgetExecs(db)]) {
      await part().catch((error: unknown) => log.debug({ error }, 'sandboxes were not looked after'));
    }
  }

  const keeper: Keeper = {
    wake() {
      if (stopped) return;
      working ??= lookAfter().finally(() => {
        working = undefined;
      });
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await working;
    },
  };
  return keeper;
}

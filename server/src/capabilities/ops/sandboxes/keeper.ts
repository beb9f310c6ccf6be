import { noAuthority } from '../../../core/auth/authority.ts';
import { inTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { SandboxNeeds } from './needs.ts';
import { requestWork } from './request.ts';
import { listMarked, takeDown } from './services.ts';
import { freeAbandoned, knownSandboxes, listDue } from './store.ts';

/** Stops sandboxes that nobody uses, deletes those whose time is over, and ends what belongs to none. */
export interface Keeper {
  wake(): void;
  stop(): Promise<void>;
}

const everyMs = 10_000;

/** Keeps the sandboxes of the engine that this process reaches. */
export function createKeeper(needs: SandboxNeeds): Keeper {
  const { db, log, engine } = needs;
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
          requestWork(tx, sandbox, { action: due, expiry: true }, { jobs: needs.jobs, authority: noAuthority }),
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

  const keeper: Keeper = {
    wake() {
      if (stopped) return;
      working ??= endDue()
        .then(endUnknown)
        .catch((error: unknown) => log.debug({ error }, 'sandboxes were not looked after'))
        .finally(() => {
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

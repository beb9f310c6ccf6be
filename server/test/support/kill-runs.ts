import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { TestDatabase } from './database.ts';
import type { Boundary, HeldCommits } from './held-commits.ts';

/** A commit of a run in which its process is killed, and whether the commit came to be. */
export interface Kill extends Boundary {
  readonly how: 'kept' | 'lost';
}

export interface KillNeeds {
  readonly database: TestDatabase;
  /** Adds a run; nobody waits for the answer, which may come late or never. */
  begin(kill: Kill): Promise<unknown>;
  /** Kills the process that all runs are in. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Looks at a run that was killed, in the new process; throws where it is not as it must be. */
  check(runId: string, kill: Kill): Promise<void>;
}

/**
 * Runs that one kill meets, each at a commit of its own: each takes two of the 16 connections of the process, the other for
 * progress that waits for the first. With CHAOS_ROUNDS, each has a kill of its own.
 */
const atOnce = process.env.CHAOS_ROUNDS === undefined ? 7 : 1;

/** A ceiling for a test that kills at each commit of a run, in milliseconds. */
export const killsTimeout = process.env.CHAOS_ROUNDS === undefined ? 900_000 : 7_200_000;

/**
 * Every commit of a run that has ended, once with the commit made and once with it lost. Its creation is left out: whoever
 * begins the run waits for it.
 */
export async function killsOf(commits: Pick<HeldCommits, 'of'>, runId: string): Promise<Kill[]> {
  const boundaries = (await commits.of(runId)).filter(({ status }) => status !== 'queued');
  return boundaries.flatMap((boundary) => (['lost', 'kept'] as const).map((how) => ({ ...boundary, how })));
}

/**
 * Kills the process at each of these commits, in runs of their own, and starts it again; answers those that came about. Where
 * states overtake the journal, one that ends at once is written only as ended.
 */
export async function killAtEach(kills: readonly Kill[], commits: HeldCommits, needs: KillNeeds): Promise<Kill[]> {
  const done: Kill[] = [];
  const [alone, beside] = [kills.filter(holdsUpOthers), kills.filter((kill) => !holdsUpOthers(kill))];
  const rounds = alone.map((kill) => [kill]);
  for (let at = 0; at < beside.length; at += atOnce) rounds.push(beside.slice(at, at + atOnce));
  for (const round of rounds) done.push(...(await killAtOnce(round, commits, needs)));
  return done;
}

/** The engine takes several workflows off a queue in one transaction, and we put them back one by one. */
const holdsUpOthers = ({ what, status }: Kill) => what === 'engine' && status !== 'SUCCESS';

async function killAtOnce(kills: readonly Kill[], commits: HeldCommits, needs: KillNeeds): Promise<Kill[]> {
  const runs: { kill: Kill; hold: number; runId: string }[] = [];
  for (const kill of kills) {
    const hold = await commits.hold(kill);
    needs.begin(kill).catch(() => undefined);
    runs.push({ kill, hold, runId: await commits.runOf(hold) });
  }
  const there = await Promise.all(
    runs.map(async ({ hold, runId }) => {
      for (;;) {
        const over = await isOver(needs.database, runId);
        if (await commits.isHeld(hold)) return true;
        if (over) return false;
        await sleep(20);
      }
    }),
  );
  await needs.kill();
  for (const { hold, kill } of runs) await commits.end(hold, kill.how);
  await needs.start();
  await Promise.all(runs.map(({ runId, kill }) => needs.check(runId, kill)));
  return kills.filter((_, index) => there[index]);
}

/** Whether nothing is left to be committed of a run. */
async function isOver({ db }: TestDatabase, runId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from workflow_runs as run join dbos.workflow_status as engine on engine.workflow_uuid = run.job_id
    where run.id = ${runId} and run.ended_at is not null and engine.status <> 'PENDING'`.execute(db);
  return rows.length > 0;
}

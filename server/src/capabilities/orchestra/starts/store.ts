import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';

export const startMigrations: Migrations = {
  'orchestra.0002-starts': sqlMigration(`
    create table if not exists orchestra_starts (
      id text primary key,
      principal_id text not null,
      pipeline text not null,
      cause text,
      state text not null default 'intended',
      claimed_by text,
      asked_at timestamptz,
      sent_at timestamptz,
      pipeline_run_id text,
      code text,
      created_at timestamptz not null default clock_timestamp()
    );
    create index if not exists orchestra_starts_created_at on orchestra_starts (created_at);
    create index if not exists orchestra_starts_uncertain on orchestra_starts (id) where state in ('sending', 'uncertain');`),
};

/**
 * How far the start of a run is. `intended`: nothing was sent, or it had no effect. `sending`: it may have been sent.
 * `started`: Orchestra named the run. `uncertain`: it was sent, and no answer came.
 */
export type StartState = 'intended' | 'sending' | 'started' | 'uncertain';

export interface Start {
  readonly id: string;
  readonly principal_id: string;
  /** Id or alias of the pipeline, as its caller gave it. */
  readonly pipeline: string;
  readonly cause: string | null;
  readonly state: StartState;
  /** When it was sent, at the earliest. */
  readonly asked_at: Date | null;
  /** The same by Orchestra's clock, by which its runs are found. */
  readonly sent_at: Date | null;
  readonly pipeline_run_id: string | null;
  /** Code of the failure that left it uncertain. */
  readonly code: string | null;
  readonly created_at: Date;
  /** Whether the process that is sending it lives, and has not had all the time that it may take. */
  readonly in_hand: boolean;
}

const keepDays = 30;

/** Journals that a run is to be started, before anything is sent. What is a month old goes. */
export async function insertStart(
  tx: Db,
  { id, principal_id, pipeline, cause }: Pick<Start, 'id' | 'principal_id' | 'pipeline' | 'cause'>,
): Promise<void> {
  await sql`delete from orchestra_starts where created_at < now() - make_interval(days => ${keepDays})`.execute(tx);
  await sql`insert into orchestra_starts (id, principal_id, pipeline, cause)
    values (${id}, ${principal_id}, ${pipeline}, ${cause})`.execute(tx);
}

const columns = (patienceS: number) => sql`s.*, s.state = 'sending'
  and s.asked_at > now() - make_interval(secs => ${patienceS})
  and exists (select 1 from executors where executors.id = s.claimed_by) as in_hand`;

/** A start; `patienceS` is how long one that lives may take to send it. */
export async function findStart(db: Db, id: string, patienceS: number): Promise<Start | undefined> {
  const { rows } = await sql<Start>`select ${columns(patienceS)} from orchestra_starts s where s.id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** Takes it to be sent; false where another one has. From here on it may have been sent, whatever happens. */
export async function claimStart(db: Db, id: string, executorId: string, sentAt: Date): Promise<boolean> {
  const { rows } = await sql`update orchestra_starts
    set state = 'sending', claimed_by = ${executorId}, asked_at = now(), sent_at = ${sentAt}
    where id = ${id} and state = 'intended' returning id`.execute(db);
  return rows.length === 1;
}

/** Orchestra named the run; also when somebody has given it up meanwhile. */
export async function noteStarted(db: Db, id: string, runId: string): Promise<void> {
  await sql`update orchestra_starts set state = 'started', pipeline_run_id = ${runId}, code = null
    where id = ${id} and state in ('sending', 'uncertain')`.execute(db);
}

/** It had no effect: whoever asks again sends again. */
export async function noteUnsent(db: Db, id: string): Promise<void> {
  await sql`update orchestra_starts set state = 'intended', claimed_by = null, asked_at = null, sent_at = null, code = null
    where id = ${id} and state in ('sending', 'uncertain')`.execute(db);
}

/** No answer came, or whoever waited for it is gone. */
export async function noteUncertain(db: Db, id: string, code: string): Promise<void> {
  await sql`update orchestra_starts set state = 'uncertain', code = ${code}
    where id = ${id} and state = 'sending'`.execute(db);
}

/** Starts of a principal, or of all, the newest first; `open`: only those whose outcome is not known. */
export async function listStarts(
  db: Db,
  { principalId, open, before, limit, patienceS }: ListedStarts,
): Promise<Start[]> {
  const { rows } = await sql<Start>`select ${columns(patienceS)} from orchestra_starts s
    where (${principalId ?? null}::text is null or s.principal_id = ${principalId ?? null})
      and (${before ?? null}::text is null or s.id < ${before ?? null})
      and (${open} = false or s.state in ('sending', 'uncertain'))
    order by s.id desc limit ${limit}`.execute(db);
  return rows;
}

interface ListedStarts {
  readonly principalId?: string | undefined;
  readonly open: boolean;
  readonly before?: string | undefined;
  readonly limit: number;
  readonly patienceS: number;
}

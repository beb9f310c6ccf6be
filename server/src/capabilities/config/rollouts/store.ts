import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';

export const rolloutMigrations: Migrations = {
  'config.0007-rollouts': sqlMigration(`
    create table if not exists config_rollouts (
      rollout_id text collate "C" primary key,
      client_id text not null,
      profile text not null,
      artifact_id text not null references config_artifacts (artifact_id),
      percentage integer not null,
      state text not null,
      created_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp()
    );
    create unique index if not exists config_rollouts_open on config_rollouts (client_id, profile)
      where state in ('active', 'paused');`),
};

type RolloutTable = {
  rollout_id: string;
  client_id: string;
  profile: string;
  artifact_id: string;
  percentage: number;
  /** While active its cohort gets the artifact; while paused, as after its end, all get the same. */
  state: 'active' | 'paused' | 'promoted' | 'aborted';
  created_at: Date;
  updated_at: Date;
};
export type Rollout = Selectable<RolloutTable>;

const tables = (db: Db) => db.withTables<{ config_rollouts: RolloutTable }>();
const now = sql<Date>`clock_timestamp()`;

/** The rollout of a client and profile that has not ended. */
export function openRollout(db: Db, client: string, profile: string): Promise<Rollout | undefined> {
  return tables(db)
    .selectFrom('config_rollouts')
    .selectAll()
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .where('state', 'in', ['active', 'paused'])
    .executeTakeFirst();
}

export function findRollout(db: Db, id: string): Promise<Rollout | undefined> {
  return tables(db).selectFrom('config_rollouts').selectAll().where('rollout_id', '=', id).executeTakeFirst();
}

export async function insertRollout(tx: Db, rollout: Omit<Rollout, 'created_at' | 'updated_at'>): Promise<void> {
  await tables(tx)
    .insertInto('config_rollouts')
    .values({ ...rollout, created_at: now, updated_at: now })
    .execute();
}

export function changeRollout(
  tx: Db,
  id: string,
  changes: Partial<Pick<Rollout, 'percentage' | 'state'>>,
): Promise<Rollout> {
  return tables(tx)
    .updateTable('config_rollouts')
    .set({ ...changes, updated_at: now })
    .where('rollout_id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

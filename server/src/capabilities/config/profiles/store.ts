import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { Bounds } from '../bound.ts';

export const profileMigrations: Migrations = {
  'config.0002-profiles': sqlMigration(`
    create table if not exists config_profiles (
      client_id text collate "C" not null,
      profile text collate "C" not null,
      description text,
      policy_set_id text not null,
      approvals_required integer not null,
      tags text[] not null,
      put_by text not null,
      put_at timestamptz not null default clock_timestamp(),
      created_at timestamptz not null default clock_timestamp(),
      primary key (client_id, profile)
    );`),
};

type ProfileTable = {
  client_id: string;
  profile: string;
  description: string | null;
  /** `name@version`, or `none`. */
  policy_set_id: string;
  /** How many others than the author must agree. 0: a draft is released at once. */
  approvals_required: number;
  /** What policy rules know the environment by. */
  tags: string[];
  put_by: string;
  put_at: Date;
  created_at: Date;
};
export type Profile = Selectable<ProfileTable>;

const tables = (db: Db) => db.withTables<{ config_profiles: ProfileTable }>();

export function findProfile(db: Db, client: string, profile: string): Promise<Profile | undefined> {
  return tables(db)
    .selectFrom('config_profiles')
    .selectAll()
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .executeTakeFirst();
}

/** SQL: whether the client and profile of a row, such as `r`, are within bounds. */
export function within(bounds: Bounds, row: string): RawBuilder<boolean> {
  const [client, profile] = [sql.ref(`${row}.client_id`), sql.ref(`${row}.profile`)];
  const fits = bounds.map(
    (patterns) => sql`exists (select from unnest(${[...patterns]}::text[]) as pattern
      where split_part(pattern, '/', 1) in ('*', ${client}) and split_part(pattern, '/', 2) in ('*', ${profile}))`,
  );
  return sql<boolean>`(${sql.join([sql`true`, ...fits], sql` and `)})`;
}

/** Has all who change a profile queue until the transaction ends: what one leaves out stays as another put it. */
export function lockProfile(tx: Db, client: string, profile: string): Promise<void> {
  return lockInTransaction(tx, 'config.profile', client, profile);
}

/** Keeps a profile from being changed until the transaction ends. */
export async function holdProfile(tx: Db, client: string, profile: string): Promise<void> {
  await tables(tx)
    .selectFrom('config_profiles')
    .select('profile')
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .forShare()
    .execute();
}

/** All profiles, or those of one client, by client and name. */
export function listProfiles(db: Db, client?: string): Promise<Profile[]> {
  let query = tables(db).selectFrom('config_profiles').selectAll();
  if (client !== undefined) query = query.where('client_id', '=', client);
  return query.orderBy('client_id').orderBy('profile').execute();
}

/** Makes a profile, or changes it; answers whether it is new. */
export async function putProfile(
  tx: Db,
  { tags, ...profile }: Omit<Profile, 'put_at' | 'created_at'>,
): Promise<boolean> {
  const now = sql<Date>`clock_timestamp()`;
  const values = { ...profile, tags: sql<never>`${[...tags]}::text[]`, put_at: now };
  const { client_id: _client, profile: _profile, ...changes } = values;
  const row = await tables(tx)
    .insertInto('config_profiles')
    .values({ ...values, created_at: now })
    .onConflict((conflict) => conflict.columns(['client_id', 'profile']).doUpdateSet(changes))
    .returning(sql<boolean>`xmax = 0`.as('created'))
    .executeTakeFirstOrThrow();
  return row.created;
}

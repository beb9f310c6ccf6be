import type { Db } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';
import { secretMigrations } from './secrets/store.ts';

type Tables = {
  principals: {
    id: string;
    name: string;
    grants: string[];
    created_at: Date;
  };
  tokens: {
    id: string;
    principal_id: string;
    hash: string;
    grants: string[] | null;
    created_at: Date;
    expires_at: Date;
    revoked_at: Date | null;
  };
};

export const authMigrations: Migrations = {
  ...secretMigrations,
  'core.0002-principals-and-tokens': sqlMigration(`
    create table if not exists principals (
      id text primary key,
      name text not null unique,
      grants text[] not null,
      created_at timestamptz not null default now()
    );
    create table if not exists tokens (
      id text primary key,
      principal_id text not null references principals (id) on delete cascade,
      hash text not null unique,
      grants text[],
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      revoked_at timestamptz
    );`),
};

export interface TokenRow {
  readonly token_id: string;
  readonly principal_id: string;
  readonly name: string;
  readonly principal_grants: string[];
  readonly token_grants: string[] | null;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
}

const joined = (db: Db) =>
  db
    .withTables<Tables>()
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .select([
      'tokens.id as token_id',
      'principals.id as principal_id',
      'principals.name as name',
      'principals.grants as principal_grants',
      'tokens.grants as token_grants',
      'tokens.expires_at as expires_at',
      'tokens.revoked_at as revoked_at',
    ]);

export function findToken(db: Db, hash: string): Promise<TokenRow | undefined> {
  return joined(db).where('tokens.hash', '=', hash).executeTakeFirst();
}

export function listTokens(db: Db): Promise<TokenRow[]> {
  return joined(db).orderBy('tokens.id').execute();
}

export async function findPrincipal(
  db: Db,
  id: string,
): Promise<{ id: string; name: string; grants: string[] } | undefined> {
  return db
    .withTables<Tables>()
    .selectFrom('principals')
    .select(['id', 'name', 'grants'])
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function findPrincipalByName(
  db: Db,
  name: string,
): Promise<{ id: string; name: string; grants: string[] } | undefined> {
  return db
    .withTables<Tables>()
    .selectFrom('principals')
    .select(['id', 'name', 'grants'])
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Makes the principal, or gives the one of that name the new grants. Returns its id. */
export async function putPrincipal(db: Db, principal: { id: string; name: string; grants: string[] }): Promise<string> {
  const row = await db
    .withTables<Tables>()
    .insertInto('principals')
    .values({ ...principal, created_at: new Date() })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ grants: principal.grants }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function insertToken(
  db: Db,
  token: { id: string; principal_id: string; hash: string; grants: string[] | null; expires_at: Date },
): Promise<void> {
  await db
    .withTables<Tables>()
    .insertInto('tokens')
    .values({ ...token, created_at: new Date(), revoked_at: null })
    .execute();
}

/** Removes a token by its id, where nobody needs to know later that there was one. */
export async function deleteToken(db: Db, id: string): Promise<void> {
  await db.withTables<Tables>().deleteFrom('tokens').where('id', '=', id).execute();
}

/** Whether a token was revoked; one that is gone was not. */
export async function isRevoked(db: Db, id: string): Promise<boolean> {
  const row = await db
    .withTables<Tables>()
    .selectFrom('tokens')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Revokes a token by its id; answers whether there was one that still held. */
export async function revokeToken(db: Db, id: string): Promise<boolean> {
  const result = await db
    .withTables<Tables>()
    .updateTable('tokens')
    .set({ revoked_at: new Date() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

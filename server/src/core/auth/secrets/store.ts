import type { Db } from '../../db/database.ts';
import { type Migrations, sqlMigration } from '../../db/migrate.ts';

type Tables = {
  secrets: { name: string; reference: string; updated_at: Date };
  /** An empty text stands for any: a key column cannot be null. */
  secret_grants: { secret: string; toolset: string; host: string; server: string };
};

/** References and grants. The values themselves are never here. */
export const secretMigrations: Migrations = {
  'core.0020-secrets': sqlMigration(`
    create table if not exists secrets (
      name text primary key,
      reference text not null,
      updated_at timestamptz not null default now()
    );
    create table if not exists secret_grants (
      secret text not null references secrets (name) on delete cascade,
      toolset text not null,
      host text not null,
      primary key (secret, toolset, host)
    );`),
  'core.0033-secret-servers': sqlMigration(`
    alter table secret_grants add column if not exists server text not null default '';
    alter table secret_grants drop constraint if exists secret_grants_pkey;
    alter table secret_grants add primary key (secret, toolset, host, server);`),
};

/** Who may use a secret. What is left out may be anything; what is there must be equal. */
export interface SecretGrant {
  readonly toolset?: string;
  readonly host?: string;
  /** Name of a downstream server of workflows. */
  readonly server?: string;
}

export interface NamedSecret {
  readonly name: string;
  /** `env:NAME` or `file:/path`. */
  readonly reference: string;
  readonly grants: readonly SecretGrant[];
}

const asRow = (secret: string, { toolset = '', host = '', server = '' }: SecretGrant) => ({
  secret,
  toolset,
  host,
  server,
});

export async function putSecret(db: Db, name: string, reference: string): Promise<void> {
  const updated_at = new Date();
  await db
    .withTables<Tables>()
    .insertInto('secrets')
    .values({ name, reference, updated_at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ reference, updated_at }))
    .execute();
}

export async function deleteSecret(db: Db, name: string): Promise<boolean> {
  const result = await db.withTables<Tables>().deleteFrom('secrets').where('name', '=', name).executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

export async function listSecrets(db: Db): Promise<NamedSecret[]> {
  const tables = db.withTables<Tables>();
  const secrets = await tables.selectFrom('secrets').select(['name', 'reference']).orderBy('name').execute();
  const grants = await tables
    .selectFrom('secret_grants')
    .selectAll()
    .orderBy('toolset')
    .orderBy('host')
    .orderBy('server')
    .execute();
  return secrets.map((secret) => ({
    ...secret,
    grants: grants.filter((grant) => grant.secret === secret.name).map(asGrant),
  }));
}

export async function findSecret(db: Db, name: string): Promise<NamedSecret | undefined> {
  const tables = db.withTables<Tables>();
  const found = await tables
    .selectFrom('secrets')
    .select(['name', 'reference'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (!found) return undefined;
  const grants = await tables.selectFrom('secret_grants').selectAll().where('secret', '=', name).execute();
  return { ...found, grants: grants.map(asGrant) };
}

export async function grantSecret(db: Db, name: string, grant: SecretGrant): Promise<void> {
  await db
    .withTables<Tables>()
    .insertInto('secret_grants')
    .values(asRow(name, grant))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes exactly this grant away; answers whether there was one. */
export async function revokeSecret(db: Db, name: string, grant: SecretGrant): Promise<boolean> {
  const { toolset, host, server } = asRow(name, grant);
  const result = await db
    .withTables<Tables>()
    .deleteFrom('secret_grants')
    .where('secret', '=', name)
    .where('toolset', '=', toolset)
    .where('host', '=', host)
    .where('server', '=', server)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

function asGrant({ toolset, host, server }: Tables['secret_grants']): SecretGrant {
  return { ...(toolset && { toolset }), ...(host && { host }), ...(server && { server }) };
}

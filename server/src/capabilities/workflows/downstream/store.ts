import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import { type DownstreamServer, downstreamServer } from '../../../core/workflows-settings.ts';
import type { DownstreamTool } from './types.ts';

type Tables = {
  downstream_servers: { name: string; declaration: unknown; created_at: Date; updated_at: Date };
  downstream_tools: { server: string; tools: unknown; fetched_at: Date };
};

/** Servers that the operator added by command, and what each server offered when it was last asked. */
export const downstreamMigrations: Migrations = {
  'workflows.0020-servers': sqlMigration(`
    create table if not exists downstream_servers (
      name text primary key,
      declaration jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create table if not exists downstream_tools (
      server text primary key,
      tools jsonb not null,
      fetched_at timestamptz not null default now()
    );`),
};

/** Those that were added by command; one that an older release wrote and this one cannot read is left out. */
export async function listServers(db: Db): Promise<DownstreamServer[]> {
  const rows = await db
    .withTables<Tables>()
    .selectFrom('downstream_servers')
    .select('declaration')
    .orderBy('name')
    .execute();
  return rows.flatMap(({ declaration }) => {
    const read = downstreamServer.safeParse(declaration);
    return read.success ? [read.data] : [];
  });
}

/** Adds a server or puts another declaration in its place; answers whether it is new. */
export async function putServer(db: Db, server: DownstreamServer): Promise<boolean> {
  const declaration = storableJson(server);
  const now = new Date();
  const row = await db
    .withTables<Tables>()
    .insertInto('downstream_servers')
    .values({ name: server.name, declaration, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ declaration, updated_at: now }))
    .returning('created_at')
    .executeTakeFirstOrThrow();
  return row.created_at.getTime() === now.getTime();
}

/** Removes a server and what is known of its tools; answers whether there was one. */
export async function deleteServer(db: Db, name: string): Promise<boolean> {
  const tables = db.withTables<Tables>();
  const result = await tables.deleteFrom('downstream_servers').where('name', '=', name).executeTakeFirst();
  await tables.deleteFrom('downstream_tools').where('server', '=', name).execute();
  return Number(result.numDeletedRows) === 1;
}

/** What all servers offered when they were last asked, by their names. */
export async function listKeptTools(db: Db): Promise<Map<string, readonly DownstreamTool[]>> {
  const rows = await db.withTables<Tables>().selectFrom('downstream_tools').select(['server', 'tools']).execute();
  return new Map(rows.map(({ server, tools }) => [server, tools as DownstreamTool[]]));
}

export async function keepTools(db: Db, server: string, tools: readonly DownstreamTool[]): Promise<void> {
  const text = storableJson(tools);
  const fetched_at = new Date();
  await db
    .withTables<Tables>()
    .insertInto('downstream_tools')
    .values({ server, tools: text, fetched_at })
    .onConflict((conflict) => conflict.column('server').doUpdateSet({ tools: text, fetched_at }))
    .execute();
}

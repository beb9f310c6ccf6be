import { type Selectable, sql } from 'kysely';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Bounds } from '../bound.ts';
import { immutable, immutableFunction } from '../immutable.ts';
import type { Signature } from '../integrity/sign.ts';
import { within } from '../profiles/store.ts';
import type { Rollout } from '../rollouts/store.ts';

export const releaseMigrations: Migrations = {
  'config.0001-releases': sqlMigration(`
    ${immutableFunction}
    create table if not exists config_artifacts (
      artifact_id text primary key,
      client_id text not null,
      profile text not null,
      bytes bytea not null,
      payload_hash text not null,
      schema_ref text not null,
      schema_version text not null,
      version text not null,
      policy_set_id text not null,
      publisher_id text not null,
      inputs jsonb not null,
      report jsonb not null,
      created_at timestamptz not null default clock_timestamp()
    );
    create index if not exists config_artifacts_of on config_artifacts (client_id, profile, created_at);
    create table if not exists config_releases (
      release_id text collate "C" primary key,
      statement_id text not null unique,
      client_id text not null,
      profile text not null,
      cohort text not null,
      percentage integer,
      sequence integer not null,
      artifact_id text not null references config_artifacts (artifact_id),
      bytes bytea not null,
      kind text not null,
      changelog text not null,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      released_by text not null,
      released_by_name text not null,
      signer_key_id text not null,
      approvals jsonb not null,
      draft_id text,
      audit_subject text not null,
      unique (client_id, profile, sequence)
    );
    create index if not exists config_releases_cohort on config_releases (client_id, profile, cohort, sequence);
    create index if not exists config_releases_artifact on config_releases (artifact_id);
    create index if not exists config_releases_time on config_releases (issued_at);
    create table if not exists config_signatures (
      document_id text not null,
      key_id text not null,
      alg text not null,
      value text not null,
      signed_at timestamptz not null default clock_timestamp(),
      primary key (document_id, key_id)
    );
    ${immutable('config_artifacts')}
    ${immutable('config_releases')}
    ${immutable('config_signatures')}`),
};

/** An input that whoever applies a configuration gives: its name, never its value. */
export interface NamedInput {
  readonly id: string;
  readonly env: string;
  readonly secret: boolean;
  readonly description?: string;
}

type ArtifactTable = {
  artifact_id: string;
  client_id: string;
  profile: string;
  /** Its canonical form, which is what is hashed and signed. */
  bytes: Buffer;
  payload_hash: string;
  schema_ref: string;
  schema_version: string;
  version: string;
  policy_set_id: string;
  publisher_id: string;
  inputs: NamedInput[];
  /** What was found before it was released. */
  report: Record<string, unknown>;
  created_at: Date;
};

/** Why there is a statement. */
export type ReleaseKind = 'publish' | 'rollout' | 'promote' | 'pause' | 'abort' | 'resume' | 'revert' | 'renew';

export interface KeptApproval {
  readonly principal_id: string;
  readonly principal_name: string;
  readonly approved_at: string;
  readonly draft_hash: string;
  readonly policy_set_id: string;
  readonly payload_hash: string;
}

type ReleaseTable = {
  release_id: string;
  statement_id: string;
  client_id: string;
  profile: string;
  /** `all`, or the id of a rollout. */
  cohort: string;
  percentage: number | null;
  sequence: number;
  artifact_id: string;
  bytes: Buffer;
  kind: ReleaseKind;
  changelog: string;
  issued_at: Date;
  expires_at: Date;
  released_by: string;
  released_by_name: string;
  signer_key_id: string;
  approvals: KeptApproval[];
  draft_id: string | null;
  /** What the audit entries of its call are about. */
  audit_subject: string;
};

type SignatureTable = { document_id: string; key_id: string; alg: string; value: string; signed_at: Date };

type Tables = {
  config_artifacts: ArtifactTable;
  config_releases: ReleaseTable;
  config_signatures: SignatureTable;
};
export type ArtifactRow = Selectable<ArtifactTable>;
export type ReleaseRow = Selectable<ReleaseTable>;

const tables = (db: Db) => db.withTables<Tables>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** Has all who release for a client and profile queue until the transaction ends: sequences rise without a gap. */
export function lockReleases(tx: Db, client: string, profile: string): Promise<void> {
  return lockInTransaction(tx, 'config.releases', client, profile);
}

/** The highest sequence of a client and profile; 0 for none. Call it under `lockReleases`. */
export async function highestSequence(tx: Db, client: string, profile: string): Promise<number> {
  const { rows } = await sql<{ highest: number | null }>`
    select max(sequence) as highest from config_releases where client_id = ${client} and profile = ${profile}`.execute(
    tx,
  );
  return rows[0]?.highest ?? 0;
}

export async function insertArtifact(tx: Db, row: Omit<ArtifactRow, 'created_at'>): Promise<void> {
  const { inputs, report, ...plain } = row;
  await tables(tx)
    .insertInto('config_artifacts')
    .values({ ...plain, inputs: json(inputs), report: json(report), created_at: sql<Date>`clock_timestamp()` })
    .execute();
}

export async function insertRelease(tx: Db, row: ReleaseRow): Promise<void> {
  await tables(tx)
    .insertInto('config_releases')
    .values({ ...row, approvals: json(row.approvals) })
    .execute();
}

/** Keeps a signature of a document; a second one by the same key says nothing new. */
export async function insertSignature(tx: Db, document: string, { key_id, alg, value }: Signature): Promise<void> {
  await tables(tx)
    .insertInto('config_signatures')
    .values({ document_id: document, key_id, alg, value, signed_at: sql<Date>`clock_timestamp()` })
    .onConflict((conflict) => conflict.columns(['document_id', 'key_id']).doNothing())
    .execute();
}

/** The newest signature of a document by one of these keys. */
export function findSignature(db: Db, document: string, keyIds: readonly string[]): Promise<Signature | undefined> {
  return tables(db)
    .selectFrom('config_signatures')
    .select(['alg', 'value', 'key_id'])
    .where('document_id', '=', document)
    .where('key_id', 'in', [...keyIds, ''])
    .orderBy('signed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export function findArtifact(db: Db, id: string): Promise<ArtifactRow | undefined> {
  return tables(db).selectFrom('config_artifacts').selectAll().where('artifact_id', '=', id).executeTakeFirst();
}

/** The artifact of a release. */
export async function artifactOf(db: Db, release: Pick<ReleaseRow, 'artifact_id'>): Promise<ArtifactRow> {
  const found = await findArtifact(db, release.artifact_id);
  if (!found) throw new Error(`artifact ${release.artifact_id} of a release is gone`);
  return found;
}

/** The versions that artifacts of a client and profile have. */
export async function listArtifactVersions(db: Db, client: string, profile: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('config_artifacts')
    .select('version')
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .execute();
  return rows.map(({ version }) => version);
}

/** The newest statement for a cohort: what is current for it. */
export function currentRelease(
  db: Db,
  { client, profile, cohort }: { readonly client: string; readonly profile: string; readonly cohort: string },
): Promise<ReleaseRow | undefined> {
  return tables(db)
    .selectFrom('config_releases')
    .selectAll()
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .where('cohort', '=', cohort)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The cohort of those who read no newer schema: everybody who asks for that version is in it. */
export const schemaCohort = (version: string): string => `schema:${version}`;

type OfSchema = ReleaseRow & Pick<ArtifactRow, 'schema_ref' | 'schema_version'>;

/** For each schema that was ever released to all, its newest statement, the newest first. */
export async function newestBySchema(db: Db, client: string, profile: string): Promise<OfSchema[]> {
  const { rows } = await sql<OfSchema>`
    select * from (
      select distinct on (a.schema_ref) r.*, a.schema_ref, a.schema_version
      from config_releases r join config_artifacts a using (artifact_id)
      where r.client_id = ${client} and r.profile = ${profile} and r.cohort in ('all', 'schema:' || a.schema_version)
      order by a.schema_ref, r.sequence desc
    ) as newest order by sequence desc`.execute(db);
  return rows;
}

/** A statement by its id, the hash of its bytes. */
export function findStatement(db: Db, id: string): Promise<ReleaseRow | undefined> {
  return tables(db).selectFrom('config_releases').selectAll().where('statement_id', '=', id).executeTakeFirst();
}

/** The last statement that made an artifact current for all of a client and profile: only to such a one anybody goes back. */
export function lastReleaseOf(
  db: Db,
  artifact: string,
  client: string,
  profile: string,
): Promise<ReleaseRow | undefined> {
  return tables(db)
    .selectFrom('config_releases')
    .selectAll()
    .where('artifact_id', '=', artifact)
    .where('client_id', '=', client)
    .where('profile', '=', profile)
    .where('cohort', '=', 'all')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface ReleaseFilter {
  readonly client_id?: string | undefined;
  readonly profile?: string | undefined;
  readonly version?: string | undefined;
  /** Id or name of who drafted, approved or released. */
  readonly principal?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly before?: string | undefined;
  readonly bounds?: Bounds;
  /** Without renewals, which are told to no reader. */
  readonly told?: boolean;
  readonly limit: number;
}

export type ListedRelease = ReleaseRow &
  Pick<ArtifactRow, 'version' | 'policy_set_id' | 'schema_ref' | 'publisher_id' | 'payload_hash'> & {
    /** The name of who drafted it; null where that draft is gone. */
    readonly publisher_name: string | null;
    /** Whether nothing newer was said to its cohort. */
    readonly newest: boolean;
    /** Of the rollout that it belongs to; null for none. */
    readonly rollout_state: Rollout['state'] | null;
  };

/** Statements with what their artifacts are, the newest first. */
export async function listReleases(db: Db, filter: ReleaseFilter): Promise<ListedRelease[]> {
  const wanted = [within(filter.bounds ?? [], 'r')];
  if (filter.told) wanted.push(sql`r.kind <> 'renew'`);
  if (filter.client_id !== undefined) wanted.push(sql`r.client_id = ${filter.client_id}`);
  if (filter.profile !== undefined) wanted.push(sql`r.profile = ${filter.profile}`);
  if (filter.version !== undefined) wanted.push(sql`a.version = ${filter.version}`);
  if (filter.since) wanted.push(sql`r.issued_at >= ${filter.since}`);
  if (filter.until) wanted.push(sql`r.issued_at < ${filter.until}`);
  if (filter.before !== undefined) wanted.push(sql`r.release_id < ${filter.before}`);
  if (filter.principal !== undefined) {
    const who = filter.principal;
    wanted.push(sql`(${who} in (r.released_by, r.released_by_name, a.publisher_id, d.author_name)
      or r.approvals @> ${JSON.stringify([{ principal_id: who }])}::jsonb
      or r.approvals @> ${JSON.stringify([{ principal_name: who }])}::jsonb)`);
  }
  const { rows } = await sql<ListedRelease>`
    select r.*, a.version, a.policy_set_id, a.schema_ref, a.publisher_id, a.payload_hash,
      d.author_name as publisher_name, o.state as rollout_state,
      not exists (select from config_releases n where n.client_id = r.client_id and n.profile = r.profile
        and n.cohort = r.cohort and n.sequence > r.sequence)
      and not (r.cohort = 'schema:' || a.schema_version and exists (
        select from config_releases n join config_artifacts b using (artifact_id) where n.client_id = r.client_id
          and n.profile = r.profile and n.cohort = 'all' and n.sequence > r.sequence and b.schema_ref = a.schema_ref)) as newest
    from config_releases r join config_artifacts a using (artifact_id)
      left join config_drafts d on d.draft_id = r.draft_id collate "C"
      left join config_rollouts o on o.rollout_id = r.cohort collate "C"
    where ${sql.join(wanted, sql` and `)} order by r.release_id desc limit ${filter.limit}`.execute(db);
  return rows;
}

/** What somebody may be answered today: the newest statement of each cohort, and of each schema. */
export async function allStanding(db: Db): Promise<ReleaseRow[]> {
  const { rows } = await sql<ReleaseRow>`
    select * from config_releases where release_id in (
      select distinct on (client_id, profile, cohort) release_id
      from config_releases order by client_id, profile, cohort, sequence desc
    ) or release_id in (
      select distinct on (r.client_id, r.profile, a.schema_ref) r.release_id
      from config_releases r join config_artifacts a using (artifact_id)
      where r.cohort in ('all', 'schema:' || a.schema_version)
      order by r.client_id, r.profile, a.schema_ref, r.sequence desc
    ) order by release_id`.execute(db);
  return rows;
}

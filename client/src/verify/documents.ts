import type { JsonValue } from './strict-json.ts';

/** What the signed documents are called in what their signatures are over. */
export const artifactType = 'application/vnd.tutti.config.artifact+json';
export const releaseType = 'application/vnd.tutti.config.release+json';
export const exportType = 'application/vnd.tutti.config.export+json';

/** A configuration of one client family and profile. It never changes; its id is the hash of its canonical bytes. */
export interface Artifact {
  readonly type: 'tutti.config.artifact/1';
  readonly client_id: string;
  readonly profile: string;
  /** The JSON value that the client parses out of `text`. */
  readonly payload: JsonValue;
  /** Exactly what is to be written. */
  readonly text: string;
  readonly format: string;
  readonly schema_ref: string;
  readonly version: string;
  /** `name@version`, or `none`. */
  readonly policy_set_id: string;
  readonly provenance: {
    readonly publisher_id: string;
    readonly tooling_version: string;
    readonly draft_hash: string;
    readonly sources: readonly string[];
    readonly policy_evaluated_at: string;
    readonly policy_inputs: Readonly<Record<string, JsonValue>>;
  };
}

/** The word that says which artifact is current, for whom, and for how long. */
export interface Statement {
  readonly type: 'tutti.config.release/1';
  readonly tenant: string;
  readonly client_id: string;
  readonly profile: string;
  readonly cohort: 'all' | { readonly id: string; readonly percentage: number };
  /** Rises with every statement of a tenant, client and profile. */
  readonly sequence: number;
  readonly artifact_id: string;
  readonly changelog: string;
  readonly issued_at: string;
  readonly expires_at: string;
}

/** What an export holds. Signed, it binds all that is current together: nobody mixes the parts of two exports. */
export interface ExportIndex {
  readonly type: 'tutti.config.export/1';
  readonly tenant: string;
  /** All files but the index and its signature, by their paths. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** What may be current for somebody. */
  readonly releases: readonly ExportedRelease[];
}

export interface ExportedRelease {
  readonly client_id: string;
  readonly profile: string;
  readonly cohort: Statement['cohort'];
  readonly sequence: number;
  readonly statement_id: string;
  readonly artifact_id: string;
  readonly schema_ref: string;
  /** The file that holds the schema. */
  readonly schema: string;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const json: Check = (value) => value !== undefined;
const hash: Check = (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
const time: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
const is =
  (wanted: string): Check =>
  (value) =>
    value === wanted;
const integer =
  (from: number, to: number = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** These members, and no others. */
const exactly =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    record(value) &&
    Object.keys(value as object).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const artifact = exactly({
  type: is('tutti.config.artifact/1'),
  client_id: text,
  profile: text,
  payload: json,
  text,
  format: text,
  schema_ref: text,
  version: text,
  policy_set_id: text,
  provenance: exactly({
    publisher_id: text,
    tooling_version: text,
    draft_hash: hash,
    sources: list(text),
    policy_evaluated_at: text,
    policy_inputs: record,
  }),
});

const cohort = exactly({ id: text, percentage: integer(0, 100) });
const audience: Check = (value) => value === 'all' || cohort(value);

const statement = exactly({
  type: is('tutti.config.release/1'),
  tenant: text,
  client_id: text,
  profile: text,
  cohort: audience,
  sequence: integer(1),
  artifact_id: hash,
  changelog: text,
  issued_at: time,
  expires_at: time,
});

const release = exactly({
  client_id: text,
  profile: text,
  cohort: audience,
  sequence: integer(1),
  statement_id: hash,
  artifact_id: hash,
  schema_ref: text,
  schema: text,
});

const index = exactly({
  type: is('tutti.config.export/1'),
  tenant: text,
  files: list(exactly({ path: text, sha256: hash })),
  releases: list(release),
});

export const isArtifact = (value: unknown): value is Artifact => artifact(value);
export const isStatement = (value: unknown): value is Statement => statement(value);
export const isExportIndex = (value: unknown): value is ExportIndex => index(value);

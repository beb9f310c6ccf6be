import type { ErrorRow } from '../../../core/errors.ts';
import type { ContractRule, Group, GroupTable, RuleResult } from './contract/rules.ts';
import type { ObjectFormat } from './formats.ts';
import type { IndexOps } from './index-protocol.ts';
import type { QueryOps } from './query-protocol.ts';

/** A stored object. `path` is its file in the store, which has no extension; `key` is the name that people know. */
export interface EngineObject {
  readonly path: string;
  readonly key: string;
  readonly format: ObjectFormat;
}

export type ColumnType = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'timestamp' | 'json';

export interface EngineColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Why a row was not taken: a closed list of our own words. */
export type RejectReason =
  | 'cast'
  | 'too_many_columns'
  | 'too_few_columns'
  | 'unquoted_value'
  | 'unclosed_quote'
  | 'invalid_json'
  | 'not_an_object'
  | 'invalid_encoding'
  | 'missing_id'
  | 'bad_vector'
  | 'other';

/** A row that was not taken. `line` is the physical line on which it starts; `text` is foreign, cut to 500 characters. */
export interface Reject {
  readonly line: number | null;
  readonly column?: string;
  readonly reason: RejectReason;
  readonly text: string;
}

/** One LanceDB table below a directory or an s3:// URL. */
export interface IndexRef {
  readonly dir: string;
  /** How the S3 behind the URL is reached, in the engine's words. Holds keys: never to be logged. */
  readonly storage?: Readonly<Record<string, string>>;
  readonly table: string;
}

/**
 * Which columns make a row's identity, its searchable text and its vector. Without `text`, all string columns are text; the
 * column of vectors is no data column of the index.
 */
export interface IndexMapping {
  readonly id?: string;
  readonly text?: readonly string[];
  /** A column of lists of numbers, all as long as the first of the version. */
  readonly vector?: string;
}

export type Scalar = string | number | boolean | null;

export interface FilterOperators {
  readonly eq?: Scalar;
  readonly ne?: Scalar;
  readonly gt?: string | number;
  readonly gte?: string | number;
  readonly lt?: string | number;
  readonly lte?: string | number;
  readonly in?: readonly Scalar[];
  readonly contains?: string;
  readonly is_null?: boolean;
}

/** Conditions by column name, all of which must hold. A bare scalar means `eq`. */
export type Filter = Readonly<Record<string, Scalar | FilterOperators>>;

export interface ObjectDescription {
  readonly key: string;
  readonly format: ObjectFormat;
  readonly columns: readonly EngineColumn[];
}

export interface ObjectCheck {
  readonly key: string;
  readonly rows: number;
  readonly rejected: number;
  readonly rejects: readonly Reject[];
  readonly columns: readonly EngineColumn[];
}

/** An object as Parquet files of one directory: its columns as `c0…cn`, then `line` and `ordinal`. */
export interface MaterialisedObject {
  readonly columns: readonly EngineColumn[];
  readonly files: readonly string[];
  readonly rows: number;
  readonly rejected: number;
  readonly rejects: readonly Reject[];
}

export interface IngestInput {
  readonly object: EngineObject;
  readonly columns: readonly EngineColumn[];
  readonly index: IndexRef;
  /** The state of the table that the rows come on top of: `version` of the object before, 0 for the empty table. */
  readonly after: number;
  readonly mapping: IndexMapping;
  readonly datasetId: string;
}

export interface IngestOutput {
  /** The state of the table with these rows in it. */
  readonly version: number;
  readonly inserted: number;
  readonly updated: number;
  readonly rejected: number;
  readonly rejects: readonly Reject[];
}

export type SearchMode = 'text' | 'vector' | 'hybrid';

export interface SearchInput {
  readonly index: IndexRef;
  /** The version of the table that is searched; without it, of an index of an earlier release, the newest. */
  readonly at?: number;
  readonly query: string;
  readonly mode: SearchMode;
  /** What is looked near to, for `vector` and `hybrid`. */
  readonly vector?: Float32Array;
  readonly filter?: Filter;
  readonly limit: number;
  readonly offset: number;
}

export interface SearchItem {
  readonly id: string;
  readonly score: number;
  readonly row: Record<string, unknown>;
  readonly object_key: string;
  readonly line: number | null;
}

/** What is in a column. Values are JSON; those of the data are foreign. */
export interface ColumnProfile extends EngineColumn {
  readonly nulls: number;
  /** An estimate beyond some thousands. */
  readonly distinct: number;
  readonly min: string | number | boolean | null;
  readonly max: string | number | boolean | null;
  /** At 0.25, 0.5 and 0.75, of numbers and times. */
  readonly quantiles: readonly (string | number)[] | null;
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

/** What a child process can do, by name. Everything here must survive the structured clone. */
export interface EngineOps extends IndexOps, QueryOps {
  describe: {
    input: { readonly objects: readonly EngineObject[] };
    output: { readonly objects: readonly ObjectDescription[] };
  };
  check: {
    input: { readonly objects: readonly EngineObject[]; readonly columns?: readonly EngineColumn[] };
    output: { readonly objects: readonly ObjectCheck[] };
  };
  materialise: {
    input: { readonly object: EngineObject; readonly columns?: readonly EngineColumn[]; readonly dir: string };
    output: MaterialisedObject;
  };
  contract: {
    input: { readonly groups: readonly Group[]; readonly rules: readonly ContractRule[] };
    output: { readonly results: readonly RuleResult[] };
  };
  /** Whether the engine's regular expressions (RE2) take patterns: for each its words of refusal, or null. */
  patterns: {
    input: { readonly patterns: readonly string[] };
    output: { readonly errors: readonly (string | null)[] };
  };
  profile: {
    input: { readonly tables: readonly GroupTable[] };
    output: { readonly rows: number; readonly columns: readonly ColumnProfile[] };
  };
  ingest: { input: IngestInput; output: IngestOutput };
  finish_index: {
    input: { readonly index: IndexRef; readonly expectedRows?: number };
    output: { readonly rows: number };
  };
  search: { input: SearchInput; output: { readonly items: readonly SearchItem[]; readonly more: boolean } };
  /** Loads the native libraries; fails where they cannot be. */
  probe: { input: Record<string, never>; output: { readonly ok: true } };
  drop_index: { input: { readonly index: IndexRef }; output: { readonly dropped: boolean } };
}

export type OpName = keyof EngineOps;
export type EngineSource = 'duckdb' | 'lance';
export type Progress = { readonly rows: number };
export type OnProgress = (progress: Progress) => void;

export interface EngineRequest {
  readonly id: number;
  readonly op: OpName;
  readonly input: EngineOps[OpName]['input'];
  readonly memoryMb: number;
}

/** How a failure crosses the process boundary: our own error, the engine's text, or a fault of the program. */
export type WireError =
  | {
      readonly kind: 'app';
      readonly code: string;
      readonly message: string;
      readonly suggestion: string;
      readonly details?: unknown;
    }
  | { readonly kind: 'engine'; readonly source: EngineSource; readonly text: string }
  | { readonly kind: 'internal'; readonly text: string };

export type EngineReply =
  | { readonly id: number; readonly type: 'progress'; readonly progress: Progress }
  /** `output` is what `serialize` of node:v8 made of an `EngineOps[OpName]['output']`. */
  | { readonly id: number; readonly type: 'done'; readonly output: Uint8Array }
  | { readonly id: number; readonly type: 'failed'; readonly error: WireError };

export const MAX_REJECTS = 100;
/** Rejects of one object that its table, and one step of an ingest, keep. */
export const KEPT_REJECTS = 1000;
export const MAX_REJECT_TEXT = 500;

/** The rows that the lake adds to the error table for its engines. */
export const engineErrors: Readonly<Record<string, ErrorRow>> = {
  ENGINE_FAILED: { http: 422, exit: 1, retryable: false },
  ENGINE_OVERRUN: { http: 422, exit: 7, retryable: false },
  ENGINE_DIED: { http: 503, exit: 6, retryable: true },
};

import type { EngineColumn, IndexMapping, IndexRef, Reject } from './protocol.ts';
import type { Cell } from './values.ts';
import type { VectorFile } from './vector-file.ts';

/** Records of one object: those of its table whose `ordinal` is at least `from` and less than `to`. */
export interface RowPart {
  readonly key: string;
  readonly sha256: string;
  /** Parquet files of the object's table on this host, in the order of the rows; they stay until the call ends. */
  readonly files: readonly string[];
  /** Column n of the table is `cn`; the types are those of the index, some of whose columns may be missing. */
  readonly columns: readonly EngineColumn[];
  readonly from: number;
  readonly to: number;
}

/** A reject of a step, with the object that it is of. */
export interface ObjectReject extends Reject {
  readonly object_key: string;
}

/** What makes the rows of an index out of those of the tables. */
export interface RowPlan {
  readonly datasetId: string;
  /** The columns of all objects together. */
  readonly columns: readonly EngineColumn[];
  readonly mapping: IndexMapping;
  /** How many numbers the vectors of `mapping.vector` have; absent where no row has one. */
  readonly dimensions?: number;
}

/** Rows of an index, column by column. `hashes` are those of `objectHash`. */
export interface IndexRows {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
  readonly hashes: readonly bigint[];
  readonly lines: readonly Cell[];
  readonly ordinals: readonly Cell[];
  readonly texts: readonly string[];
  /** Those of `mapping.vector`; null for a row without one. Absent where the mapping names no column. */
  readonly vectors?: readonly (Float32Array | null)[];
  /** One list for each column of the plan. */
  readonly cells: readonly (readonly Cell[])[];
}

/** A version of a LanceDB table. What it reads never changes. */
interface IndexAt {
  readonly index: IndexRef;
  readonly at: number;
}

/** The ops on index tables. Each that changes one begins at `at`: what came after it in the table is undone first. */
export interface IndexOps {
  /** An empty table, or one that goes on from `base`; null when that version is not there any more. */
  index_begin: {
    input: {
      readonly index: IndexRef;
      readonly columns: readonly EngineColumn[];
      readonly base?: number;
      /** Of the vectors; without them rows have none. */
      readonly dimensions?: number;
    };
    output: { readonly version: number | null };
  };
  index_remove: {
    input: IndexAt & { readonly keys: readonly string[] };
    output: { readonly version: number; readonly deleted: number };
  };
  index_write: {
    input: IndexAt & RowPlan & { readonly parts: readonly RowPart[]; readonly vectors?: VectorFile };
    output: {
      readonly version: number;
      readonly inserted: number;
      readonly updated: number;
      readonly rejected: number;
      readonly rejects: readonly ObjectReject[];
    };
  };
  /** Brings the indexes of text and vectors up to date and compacts; versions from the oldest of `keep` on stay readable. */
  index_finish: {
    input: IndexAt & { readonly keep: readonly number[] };
    output: { readonly version: number };
  };
  index_state: {
    input: IndexAt & { readonly withChecksum: boolean };
    output: { readonly rows: number; readonly checksum?: string };
  };
  /** The rows of some parts themselves, column by column; those without an id are rejects. */
  rows_of: {
    input: RowPlan & { readonly parts: readonly RowPart[]; readonly wantCells: boolean };
    output: IndexRows & { readonly rejected: number; readonly rejects: readonly ObjectReject[] };
  };
  /** Writes the rows of some parts as Parquet files of `dir`. `path` is what a file is called outside. */
  export_rows: {
    input: RowPlan & {
      readonly parts: readonly RowPart[];
      readonly dir: string;
      readonly prefix: string;
      readonly partitionBy: readonly string[];
      readonly rowsPerFile: number;
    };
    output: {
      readonly files: readonly {
        readonly file: string;
        readonly path: string;
        readonly bytes: number;
        readonly rows: number;
      }[];
    };
  };
  /** What exported files hold. */
  export_state: {
    input: { readonly files: readonly string[] };
    output: { readonly rows: number; readonly checksum: string };
  };
  /** How many numbers the first vector has that the column of `mapping.vector` holds in these parts; null without one. */
  vector_size: {
    input: { readonly vector: string; readonly parts: readonly RowPart[] };
    output: { readonly dimensions: number | null };
  };
  /** What an index of these parts must hold, found without the index. The parts are in the order of their keys. */
  expected_rows: {
    input: RowPlan & { readonly parts: readonly RowPart[] };
    output: { readonly rows: number; readonly checksum: string };
  };
}

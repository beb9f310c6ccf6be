import type { EngineColumn } from './protocol.ts';

/** A table that a query may read: the files of an object's table, and its columns with the types of all tables together. */
export interface QueryTable {
  readonly key: string;
  readonly files: readonly string[];
  readonly columns: readonly EngineColumn[];
}

/** Values for `?` and `$1` in order, or for `$name` by name. */
export type QueryParams =
  | readonly (string | number | boolean | null)[]
  | Readonly<Record<string, string | number | boolean | null>>;

export interface QueryOutput {
  /** Types in the words of the engine. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** JSON values in the order of the columns; foreign. */
  readonly rows: readonly (readonly unknown[])[];
  /** What stopped the rows before their end. */
  readonly truncated: 'max_rows' | 'max_bytes' | null;
  /** Values that were cut because they are long. */
  readonly cut_cells: number;
}

export interface QueryOps {
  query: {
    input: {
      readonly tables: readonly QueryTable[];
      readonly sql: string;
      readonly params?: QueryParams;
      readonly maxRows: number;
      readonly maxBytes: number;
      /** Milliseconds of the epoch: waiting for this process counts. */
      readonly deadline: number;
    };
    output: QueryOutput;
  };
}

import type { ObjectReject, RowPart, RowPlan } from '../engine/index-protocol.ts';
import type { EngineColumn, Filter, IndexMapping, SearchItem, SearchMode } from '../engine/protocol.ts';

export type { ObjectReject, RowPart };

/**
 * Where a target keeps a build, in its own words: a table and its version, a schema, a prefix. Each step of a build gets
 * the pointer that the step before it answered, and answers the next one. Kept in the database, told to nobody.
 */
export type Pointer = Readonly<Record<string, string | number | boolean | null>>;

/** What is built. All of it stays the same from the first step to the last, over crashes and resumptions. */
export interface Build {
  /** `idx_…`: names the build, and may name what the target makes for it. */
  readonly id: string;
  readonly datasetId: string;
  readonly version: string;
  readonly manifestId: string;
  /** The columns of all objects together, but for the one of vectors. */
  readonly columns: readonly EngineColumn[];
  readonly mapping: IndexMapping;
  /** How many numbers the vectors of `mapping.vector` have; absent where no row has one. */
  readonly dimensions?: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What makes the rows of a build, as the engines want it. */
export function planOf({ datasetId, columns, mapping, dimensions }: Build): RowPlan {
  return { datasetId, columns, mapping, ...(dimensions !== undefined && { dimensions }) };
}

export interface Written {
  readonly pointer: Pointer;
  /** Rows that were not there. */
  readonly inserted: number;
  /** Rows whose id was there: of two the one of the later object stays, and within an object the later one. */
  readonly updated: number;
  /** Rows that were not taken; `rejects` has the first of them, at most `KEPT_REJECTS`. */
  readonly rejected: number;
  readonly rejects: readonly ObjectReject[];
}

/** What a finished build must hold. `checksum` is that of `engine/checksum.ts`. */
export interface Expected {
  readonly rows: number;
  /** Absent when it was not asked for: `options.verify` false. */
  readonly checksum?: string;
}

export interface StepOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly rows: number }) => void;
}

/** What is searched for, in which index. */
export interface Search {
  readonly index: DroppedIndex & {
    readonly columns: readonly EngineColumn[];
    readonly options: Readonly<Record<string, unknown>>;
  };
  readonly query: string;
  readonly mode: SearchMode;
  /** What is looked near to in an index of vectors that the data brought. */
  readonly vector?: readonly number[];
  readonly filter?: Filter;
  readonly limit: number;
  readonly offset: number;
}

export interface Found {
  readonly items: readonly SearchItem[];
  /** Whether there are more behind these. */
  readonly more: boolean;
}

/**
 * Where rows go. A job calls `begin`, `remove`, `write` for each range, `finish`, `verify`, in this order, each inside a
 * journaled step: after a crash a call comes again with the same arguments, and must leave what it would have left alone,
 * whatever the call that was cut off did. One build at a time runs for a dataset and target. What readers are served
 * is the pointer of the index that is served: no call may change what an older pointer reads.
 */
export interface Target {
  readonly name: string;
  /** Whether changes can come on top of an older pointer; without it every build is whole. */
  readonly incremental: boolean;
  /** Refuses what it cannot do, with a sentence, before a job begins. */
  check?(mapping: IndexMapping, options: Build['options']): void | Promise<void>;
  /** A place for a new build, or one on top of what `base` reads; undefined when that is not there any more. */
  begin(build: Build, base: Pointer | undefined, options: StepOptions): Promise<Pointer | undefined>;
  /** Removes all rows of these objects. */
  remove(
    build: Build,
    at: Pointer,
    keys: readonly string[],
    options: StepOptions,
  ): Promise<{ readonly pointer: Pointer; readonly deleted: number }>;
  /** Adds the rows of some parts, of one or several objects in the order of their keys. */
  write(build: Build, at: Pointer, parts: readonly RowPart[], options: StepOptions): Promise<Written>;
  /** Makes what searching needs, and puts the build in order. What `keep` reads, of this lineage or another, must stay. */
  finish(
    build: Build,
    at: Pointer,
    keep: readonly Pointer[],
    options: StepOptions,
  ): Promise<{ readonly pointer: Pointer }>;
  /** What it holds now, read anew; with the checksum of all rows when `withChecksum`. */
  verify(build: Build, at: Pointer, withChecksum: boolean, options: StepOptions): Promise<Expected>;
  /** Rows that these words find; to tell a build that can be searched from one that cannot. */
  probe?(build: Build, at: Pointer, query: string, options: StepOptions): Promise<number>;
  /** Best first, then by id, so that pages neither overlap nor miss a row. Without it the target cannot be searched. */
  search?(search: Search, options: StepOptions): Promise<Found>;
  /** What a finished build is to whoever asked for it, for the metadata of its job. Small, whatever its size. */
  describe?(build: Build): Promise<Readonly<Record<string, unknown>>>;
  /** Whether what this pointer reads is still there. Without it nobody asks before a reader finds out. */
  holds?(index: DroppedIndex, options: StepOptions): Promise<boolean>;
  /** Frees what only this pointer needs; `shared` says that others still use the same lineage. Repeatable. */
  drop(index: DroppedIndex, shared: boolean): Promise<void>;
}

export interface DroppedIndex {
  readonly id: string;
  readonly dataset_id: string;
  /** Null for an index that broke off before it had one. */
  readonly pointer: Pointer | null;
}

/** The part of a pointer that several indexes of one lineage share: what `drop` frees when the last of them goes. */
export const lineageOf = (pointer: Pointer | null, id: string): string => String(pointer?.lineage ?? id);

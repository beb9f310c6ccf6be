import type { EngineColumn } from '../protocol.ts';

export type Severity = 'error' | 'warning' | 'info';
export type Operator =
  | 'mustBe'
  | 'mustNotBe'
  | 'mustBeGreaterThan'
  | 'mustBeGreaterOrEqualTo'
  | 'mustBeLessThan'
  | 'mustBeLessOrEqualTo'
  | 'mustBeBetween'
  | 'mustNotBeBetween';

/** What a measured value has to be. */
export interface Comparison {
  readonly operator: Operator;
  readonly to: unknown;
}

export type Bound = 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum';

/** What a rule looks at. Those with a `column` look at one of its schema object, by the name that stands in the data. */
export type Check =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'type'; readonly column: string; readonly type: string }
  | { readonly kind: 'null'; readonly column: string }
  | { readonly kind: 'missing'; readonly column: string; readonly values: readonly unknown[] }
  | {
      readonly kind: 'values';
      readonly column: string;
      readonly values?: readonly unknown[];
      readonly pattern?: string;
    }
  | { readonly kind: 'format'; readonly column: string; readonly format: string }
  | { readonly kind: 'bound'; readonly column: string; readonly bound: Bound; readonly value: number | string }
  /** Milliseconds. */
  | { readonly kind: 'time'; readonly column: string; readonly bound: Bound; readonly value: number }
  | { readonly kind: 'length'; readonly column: string; readonly min?: number; readonly max?: number }
  | { readonly kind: 'multiple'; readonly column: string; readonly of: number }
  | { readonly kind: 'items'; readonly column: string; readonly min?: number; readonly max?: number }
  | { readonly kind: 'unique_items'; readonly column: string }
  | { readonly kind: 'members'; readonly column: string; readonly min?: number; readonly max?: number }
  | { readonly kind: 'member'; readonly column: string; readonly name: string }
  | { readonly kind: 'duplicates'; readonly columns: readonly string[] }
  | { readonly kind: 'rows' }
  | { readonly kind: 'sql'; readonly query: string; readonly column?: string }
  | {
      readonly kind: 'reference';
      readonly columns: readonly string[];
      readonly to: number;
      readonly toColumns: readonly string[];
    }
  /** The newest value is at most `age` milliseconds before `now`. */
  | { readonly kind: 'latency'; readonly column: string; readonly age: number; readonly now: number }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface ContractRule {
  readonly id: string;
  /** Which schema object it is about, by its place. */
  readonly group: number;
  readonly severity: Severity;
  readonly check: Check;
  /** Without it nothing may fail. */
  readonly compare?: Comparison;
  readonly unit?: 'rows' | 'percent';
}

/** One table of a schema object. */
export interface GroupTable {
  readonly key: string;
  readonly files: readonly string[];
  readonly columns: readonly EngineColumn[];
  /** Its rows are objects that need not have every column. */
  readonly sparse: boolean;
}

/** The query of a rule that takes longer has failed. */
export const SQL_RULE_MS = 60_000;

export interface Group {
  readonly name: string;
  readonly tables: readonly GroupTable[];
}

/** A row that breaks a rule: where it is, and the values that do so as JSON text, foreign and cut to 500 characters. */
export interface RuleSample {
  readonly object_key: string;
  readonly line: number | null;
  readonly ordinal: number | null;
  readonly text: string;
  /** Of a row that was not taken. */
  readonly reason?: string;
  readonly column?: string;
}

export interface RuleResult {
  readonly rule: string;
  readonly status: 'passed' | 'failed' | 'warned' | 'skipped';
  /** Rows, or for a column its objects, that were looked at. */
  readonly checked?: number;
  readonly failed?: number;
  /** What was measured, where a rule compares. */
  readonly value?: number | string | boolean | null;
  readonly reason?: string;
  /** What an engine said of a query; foreign. */
  readonly engine?: string;
  readonly samples?: readonly RuleSample[];
}

export const MAX_SAMPLES = 10;

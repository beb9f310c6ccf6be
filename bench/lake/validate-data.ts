import type { ContractRule } from '../../server/src/capabilities/lake/engine/contract/rules.ts';

/** A check of rows, as bare DuckDB is told of it and as the lake is. */
export interface Check {
  readonly sql: string;
  readonly check: ContractRule['check'];
}

export const rowCount = 1_000_000;

/** Ten columns, about 100 bytes a row. */
export const select = `SELECT i AS id, 'name ' || i % 1000 AS name, (i * 7 % 1000) / 10 AS score, i % 2 = 0 AS flag,
  DATE '2026-01-01' + (i % 28)::INT AS day, TIMESTAMP '2026-01-01' + to_seconds(i % 86400) AS at, 'city ' || i % 50 AS city,
  (i % 10000) / 100 AS amount, 'C' || i % 97 AS code, CASE WHEN i % 10 > 0 THEN 'some text to fill the line ' || i END AS note
  FROM range(${rowCount}) rows(i)`;

const missing = (column: string): Check => ({ sql: `${column} IS NULL`, check: { kind: 'null', column } });

/** Twelve checks of rows; with the duplicates of `id` and the number of rows they are 14. */
export const checks: readonly Check[] = [
  missing('id'),
  missing('name'),
  missing('score'),
  missing('day'),
  missing('note'),
  { sql: 'score < 0', check: { kind: 'bound', column: 'score', bound: 'minimum', value: 0 } },
  { sql: 'score > 99', check: { kind: 'bound', column: 'score', bound: 'maximum', value: 99 } },
  {
    sql: "day < DATE '2026-01-02'",
    check: { kind: 'time', column: 'day', bound: 'minimum', value: Date.UTC(2026, 0, 2) },
  },
  { sql: 'length(name) > 8', check: { kind: 'length', column: 'name', max: 8 } },
  {
    sql: "NOT regexp_matches(code, '^C[0-9]+$')",
    check: { kind: 'values', column: 'code', pattern: '^C[0-9]+$' },
  },
  {
    sql: "city NOT IN ('city 1', 'city 2', 'city 3')",
    check: { kind: 'values', column: 'city', values: ['city 1', 'city 2', 'city 3'] },
  },
  { sql: 'amount < 0.5', check: { kind: 'bound', column: 'amount', bound: 'minimum', value: 0.5 } },
];

export const rules: readonly ContractRule[] = [
  ...checks.map(({ check }) => check),
  { kind: 'duplicates' as const, columns: ['id'] },
  { kind: 'rows' as const },
].map((check, at) => ({
  id: `r${at}`,
  group: 0,
  severity: 'error',
  check,
  ...(check.kind === 'rows' && { compare: { operator: 'mustBe' as const, to: rowCount } }),
}));

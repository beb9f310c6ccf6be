import type { DuckDBConnection } from '@duckdb/node-api';
import { native } from '../duckdb.ts';
import { textOf } from './conditions.ts';
import type { Layout } from './layout.ts';
import { type Check, MAX_SAMPLES, type RuleSample } from './rules.ts';
import { sampleOf, toSamples } from './samples.ts';

/** The first rows of values that occur more than once. */
export async function duplicateRows(
  connection: DuckDBConnection,
  layout: Layout,
  names: readonly string[],
): Promise<RuleSample[]> {
  const columns = names.map((name) => layout.column(name)?.sql ?? 'NULL');
  const whole = columns.map((sql) => `${sql} IS NOT NULL`).join(' AND ');
  const tuple = columns.length === 1 ? (columns[0] as string) : `row(${columns.join(', ')})`;
  const read = await native(() =>
    connection.runAndReadAll(
      `WITH rows AS MATERIALIZED (SELECT ${tuple} AS tuple FROM (${layout.select}) WHERE ${whole}
         GROUP BY ALL HAVING count(*) > 1 ORDER BY 1 LIMIT ${MAX_SAMPLES})
       SELECT to_json(min(${sampleOf(columns)}, ${MAX_SAMPLES}))::VARCHAR FROM (${layout.select})
       WHERE ${tuple} IN (SELECT tuple FROM rows)`,
    ),
  );
  return toSamples((read.getRowsJS()[0]?.[0] as string | null) ?? null, layout);
}

/** The rows whose values are in no row of the other schema object; null in any of them refers to nothing and breaks nothing. */
export async function brokenReferences(
  connection: DuckDBConnection,
  layouts: readonly Layout[],
  layout: Layout,
  check: Extract<Check, { kind: 'reference' }>,
): Promise<{ readonly failed: number; readonly samples: RuleSample[] }> {
  const other = layouts[check.to] as Layout;
  const from = check.columns.map((name) => layout.column(name) ?? { sql: 'NULL', type: 'string' as const });
  const to = check.toColumns.map((name) => other.column(name) ?? { sql: 'NULL', type: 'string' as const });
  const keys = from.map((column, index) => {
    const target = to[index] as (typeof to)[number];
    // Values of one type compare as they are; a number and its text are the same key.
    const same = column.type === target.type;
    return { left: same ? column.sql : textOf(column), right: same ? target.sql : textOf(target) };
  });
  const on = keys.map((_, index) => `a.k${index} = b.k${index}`).join(' AND ');
  const left = keys.map((key, index) => `${key.left} AS k${index}`).join(', ');
  const right = keys.map((key, index) => `${key.right} AS k${index}`).join(', ');
  const whole = from.map(({ sql }) => `${sql} IS NOT NULL`).join(' AND ');
  const read = await native(() =>
    connection.runAndReadAll(
      `SELECT count(*), to_json(min(sample, ${MAX_SAMPLES}))::VARCHAR
       FROM (SELECT ${left}, ${sampleOf(from.map(({ sql }) => sql))} AS sample FROM (${layout.select}) WHERE ${whole}) a
       ANTI JOIN (SELECT DISTINCT ${right} FROM (${other.select})) b ON ${on}`,
    ),
  );
  const [failed, samples] = (read.getRowsJS()[0] ?? []) as [bigint, string | null];
  return { failed: Number(failed), samples: toSamples(samples, layout) };
}

import type { DuckDBConnection } from '@duckdb/node-api';
import { native, openReader } from '../duckdb.ts';
import type { EngineOps } from '../protocol.ts';
import { conditionOf, timeOf } from './conditions.ts';
import { type Layout, layoutOf } from './layout.ts';
import { broken, compared, isBroken, skipped } from './results.ts';
import { brokenReferences, duplicateRows } from './row-samples.ts';
import { type ContractRule, MAX_SAMPLES, type RuleResult, type RuleSample } from './rules.ts';
import { sampleOf, toSamples } from './samples.ts';
import { runSqlRules } from './sql-rules.ts';

/** Aggregates of one scan: beyond it the query itself becomes slow to plan. */
const perScan = 400;

interface Measured {
  readonly rule: ContractRule;
  readonly result: RuleResult;
  /** The condition of the rows to show. */
  readonly condition?: string;
}

/**
 * Checks rules on the tables of a version: all that one row can break in one scan of each schema object, then, for each that
 * is broken, the first rows that do so. Answers one result a rule, in their order.
 */
export async function checkContract(
  { groups, rules }: EngineOps['contract']['input'],
  memoryMb: number,
): Promise<EngineOps['contract']['output']> {
  const layouts = groups.map(layoutOf);
  const files = groups.flatMap(({ tables }) => tables.flatMap((table) => table.files));
  const { connection, close } = await openReader(files, memoryMb);
  const results = new Map<ContractRule, RuleResult>();
  try {
    for (const [index, layout] of layouts.entries()) {
      const own = rules.filter((rule) => rule.group === index && rule.check.kind !== 'sql');
      for (let at = 0; at < own.length; at += perScan) {
        const measured = await measure(connection, layouts, layout, own.slice(at, at + perScan));
        const samples = await sampleRows(connection, layout, measured);
        for (const [position, { rule, result }] of measured.entries()) {
          const shown = samples.get(position) ?? (await otherSamples(connection, layouts, layout, rule, result));
          results.set(rule, shown.length > 0 ? { ...result, samples: shown } : result);
        }
      }
    }
  } finally {
    close();
  }
  const queries = rules.filter((rule) => rule.check.kind === 'sql');
  for (const [rule, result] of await runSqlRules(groups, layouts, queries, files, memoryMb)) results.set(rule, result);
  return { results: rules.map((rule) => results.get(rule) ?? skipped(rule, 'no schema object')) };
}

async function measure(
  connection: DuckDBConnection,
  layouts: readonly Layout[],
  layout: Layout,
  rules: readonly ContractRule[],
): Promise<Measured[]> {
  const select = rules.map((rule) => aggregateOf(rule, layout) ?? 'NULL');
  const found = await native(() =>
    connection.runAndReadAll(`SELECT ${['count(*)', ...select].join(', ')} FROM (${layout.select})`),
  );
  const [rows, ...values] = (found.getRowsJS()[0] ?? []) as unknown[];
  const measured: Measured[] = [];
  for (const [at, rule] of rules.entries()) {
    if (rule.check.kind === 'reference')
      measured.push({ rule, result: await reference(connection, layouts, layout, rule, Number(rows)) });
    else measured.push(resultOf(rule, layout, Number(rows), values[at]));
  }
  return measured;
}

/** What one scan has to count for a rule; undefined where the columns of the rule are not there, or nothing is counted. */
function aggregateOf({ check }: ContractRule, layout: Layout): string | undefined {
  if (check.kind === 'duplicates') {
    const columns = check.columns.map((name) => layout.column(name)?.sql);
    if (columns.includes(undefined)) return undefined;
    if (columns.length === 1) return `count(${columns[0]}) - count(DISTINCT ${columns[0]})`;
    const whole = columns.map((sql) => `${sql} IS NOT NULL`).join(' AND ');
    return `count(*) FILTER (WHERE ${whole}) - count(DISTINCT row(${columns.join(', ')})) FILTER (WHERE ${whole})`;
  }
  if (!('column' in check) || check.column === undefined) return undefined;
  const column = layout.column(check.column);
  if (!column) return undefined;
  if (check.kind === 'latency') return `epoch_ms(max(${timeOf(column)}))`;
  const condition = conditionOf(check, column);
  return condition === undefined ? undefined : `count(*) FILTER (WHERE ${condition})`;
}

function resultOf(rule: ContractRule, layout: Layout, rows: number, counted: unknown): Measured {
  const { check } = rule;
  if (check.kind === 'skipped') return { rule, result: skipped(rule, check.reason) };
  if (check.kind === 'rows') return { rule, result: compared(rule, rows, rows) };
  if (check.kind === 'column') return { rule, result: columnResult(rule, check.column, layout) };
  const absent = absentColumns(check, layout);
  if (absent.length > 0)
    return { rule, result: { ...broken(rule), checked: rows, reason: `no column ${absent.join(', ')}` } };
  if (check.kind === 'latency') return { rule, result: latency(rule, check, rows, counted) };
  const column = 'column' in check && check.column !== undefined ? layout.column(check.column) : undefined;
  const condition = column && conditionOf(check, column);
  return { rule, result: compared(rule, rows, Number(counted ?? 0)), ...(condition !== undefined && { condition }) };
}

function absentColumns(check: ContractRule['check'], layout: Layout): string[] {
  const names =
    'columns' in check ? check.columns : 'column' in check && check.column !== undefined ? [check.column] : [];
  return names.filter((name) => !layout.column(name));
}

/** A column is there when every table has it; where rows are objects, when any of them has. */
function columnResult(rule: ContractRule, name: string, layout: Layout): RuleResult {
  const has = (table: Layout['tables'][number]) => table.columns.some((column) => column.name === name);
  const any = layout.tables.some(has);
  const lacking = layout.tables.filter((table) => !has(table) && !(any && table.sparse));
  if (any && lacking.length === 0) return { rule: rule.id, status: 'passed', checked: layout.tables.length, failed: 0 };
  const samples = lacking
    .slice(0, MAX_SAMPLES)
    .map(({ key }) => ({ object_key: key, line: null, ordinal: null, text: '' }));
  const reason = layout.tables.length === 0 ? 'no object belongs to the schema object' : 'no such column';
  return { ...broken(rule), checked: layout.tables.length, failed: lacking.length, reason, samples };
}

function latency(rule: ContractRule, check: { age: number; now: number }, rows: number, newest: unknown): RuleResult {
  if (newest === null || newest === undefined)
    return { ...broken(rule), checked: rows, value: null, reason: 'no time in it' };
  const value = new Date(Number(newest)).toISOString();
  const status = check.now - Number(newest) <= check.age ? 'passed' : broken(rule).status;
  return { rule: rule.id, status, checked: rows, value };
}

/** The first rows that break each rule. A query each, for it ends as soon as it has found enough. */
async function sampleRows(
  connection: DuckDBConnection,
  layout: Layout,
  measured: readonly Measured[],
): Promise<Map<number, RuleSample[]>> {
  const found = new Map<number, RuleSample[]>();
  for (const [position, { rule, result, condition }] of measured.entries()) {
    if (condition === undefined || !isBroken(result) || (result.failed ?? 0) === 0) continue;
    const sql = 'column' in rule.check ? layout.column(rule.check.column ?? '')?.sql : undefined;
    const read = await native(() =>
      connection.runAndReadAll(
        `SELECT to_json(list(sample))::VARCHAR FROM (SELECT ${sampleOf(sql === undefined ? [] : [sql])} AS sample
         FROM (${layout.select}) WHERE ${condition} LIMIT ${MAX_SAMPLES})`,
      ),
    );
    found.set(position, toSamples((read.getRowsJS()[0]?.[0] as string | null) ?? null, layout));
  }
  return found;
}

async function otherSamples(
  connection: DuckDBConnection,
  layouts: readonly Layout[],
  layout: Layout,
  rule: ContractRule,
  result: RuleResult,
): Promise<readonly RuleSample[]> {
  if (result.samples || !isBroken(result) || (result.failed ?? 0) === 0) return result.samples ?? [];
  if (rule.check.kind === 'duplicates') return duplicateRows(connection, layout, rule.check.columns);
  if (rule.check.kind === 'reference') return (await brokenReferences(connection, layouts, layout, rule.check)).samples;
  return [];
}

async function reference(
  connection: DuckDBConnection,
  layouts: readonly Layout[],
  layout: Layout,
  rule: ContractRule,
  rows: number,
): Promise<RuleResult> {
  if (rule.check.kind !== 'reference') throw new Error('not a reference');
  const { columns, to, toColumns } = rule.check;
  const absent = [
    ...columns.filter((name) => !layout.column(name)),
    ...toColumns.filter((name) => !layouts[to]?.column(name)),
  ];
  if (absent.length > 0) return { ...broken(rule), checked: rows, reason: `no column ${absent.join(', ')}` };
  const { failed } = await brokenReferences(connection, layouts, layout, rule.check);
  return compared(rule, rows, failed);
}

import { AppError } from '../../../../core/errors.ts';
import { quoted } from '../duckdb.ts';
import { MAX_REJECT_TEXT } from '../protocol.ts';
import { foldName } from '../query-gate.ts';
import { type Relation, runSandboxed } from '../query-sandbox.ts';
import { holds } from './compare.ts';
import { type Layout, namedSelect } from './layout.ts';
import { broken } from './results.ts';
import { type ContractRule, type Group, type RuleResult, SQL_RULE_MS } from './rules.ts';

const maxBytes = 65_536;

/**
 * Runs queries that people wrote, each in a sandbox of its own in which the schema objects are all there is. A query that
 * fails is a rule that failed.
 */
export async function runSqlRules(
  groups: readonly Group[],
  layouts: readonly Layout[],
  rules: readonly ContractRule[],
  files: readonly string[],
  memoryMb: number,
): Promise<[ContractRule, RuleResult][]> {
  const relations = new Map<string, Relation>(
    groups.map(({ name }, at) => [foldName(name), { name, select: () => namedSelect(layouts[at] as Layout) }]),
  );
  const results: [ContractRule, RuleResult][] = [];
  for (const rule of rules) {
    const { check } = rule;
    if (check.kind !== 'sql') continue;
    if (check.column !== undefined && !layouts[rule.group]?.column(check.column)) {
      results.push([rule, { ...broken(rule), reason: `no column ${check.column}` }]);
      continue;
    }
    const sql = fillIn(check.query, groups[rule.group]?.name ?? '', check.column);
    try {
      const { rows } = await runSandboxed(
        files,
        relations,
        { sql, maxRows: 1, maxBytes, timeoutMs: SQL_RULE_MS },
        memoryMb,
      );
      results.push([rule, judge(rule, measure(rows[0]?.[0]))]);
    } catch (error) {
      results.push([rule, { ...broken(rule), reason: 'the query failed', engine: words(error, groups) }]);
    }
  }
  return results;
}

function judge(rule: ContractRule, value: number | boolean | null | undefined): RuleResult {
  if (value === undefined) return { ...broken(rule), reason: 'the query gives no single number or boolean' };
  const passed = rule.compare !== undefined && holds(value, rule.compare);
  return passed ? { rule: rule.id, status: 'passed', value } : { ...broken(rule), value };
}

/** A number, a truth or null; large and exact numbers come as text. Other texts are no measure, and would carry rows out. */
function measure(value: unknown): number | boolean | null | undefined {
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : undefined;
}

/** What was wrong, with the keys of objects in place of the files of their tables. */
function words(error: unknown, groups: readonly Group[]): string {
  let text = error instanceof Error ? error.message : String(error);
  if (error instanceof AppError) return text;
  for (const { files, key } of groups.flatMap((group) => group.tables))
    for (const file of files) text = text.replaceAll(file, key);
  return text.slice(0, MAX_REJECT_TEXT);
}

/** Puts the names in place of what stands for them: `{object}` and `{property}`, also with `$`, as the standard writes both. */
function fillIn(query: string, object: string, property: string | undefined): string {
  return query.replace(/\$?\{\s*(object|table|model|property|column|field)\s*\}/gi, (whole, word: string) => {
    if (/^(object|table|model)$/i.test(word)) return quoted(object, '"');
    return property === undefined ? whole : quoted(property, '"');
  });
}

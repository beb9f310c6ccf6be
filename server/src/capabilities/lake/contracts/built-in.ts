import { MAX_SAMPLES, type RuleResult, type RuleSample } from '../engine/contract/rules.ts';
import type { ObjectTable } from '../tables/version-tables.ts';

/** Rules that need no contract. `groups` are the tables of each schema object, or all of them together. */
const rules: Readonly<Record<string, (groups: readonly (readonly ObjectTable[])[]) => Omit<RuleResult, 'rule'>>> = {
  readable: (groups) => {
    const tables = groups.flat();
    const samples = tables.flatMap(({ object, rejects }) =>
      rejects.map(({ line, text, reason, column }) => ({
        object_key: object.key,
        line,
        ordinal: null,
        text,
        reason,
        ...(column !== undefined && { column }),
      })),
    );
    const failed = sum(tables, ({ rejected }) => rejected);
    return verdict(
      failed,
      sum(tables, ({ rows, rejected }) => rows + rejected),
      samples,
    );
  },
  not_empty: (groups) => {
    const empty = groups.flat().filter(({ rows }) => rows === 0);
    return verdict(empty.length, groups.flat().length, empty.map(objectSample));
  },
  same_columns: (groups) => {
    const names = (table: ObjectTable | undefined) => JSON.stringify(table?.columns.map(({ name }) => name));
    const odd = groups.flatMap((tables) => tables.filter((table) => names(table) !== names(tables[0])));
    return verdict(odd.length, groups.flat().length, odd.map(objectSample));
  },
};

export const builtInRules = Object.keys(rules);

export function runBuiltIn(rule: string, groups: readonly (readonly ObjectTable[])[]): RuleResult {
  const run = Object.hasOwn(rules, rule) ? rules[rule] : undefined;
  return run ? { rule, ...run(groups) } : { rule, status: 'skipped', reason: 'unknown rule' };
}

function verdict(failed: number, checked: number, samples: readonly RuleSample[]): Omit<RuleResult, 'rule'> {
  if (failed === 0) return { status: 'passed', checked, failed };
  return { status: 'failed', checked, failed, samples: samples.slice(0, MAX_SAMPLES) };
}

function objectSample({ object }: ObjectTable): RuleSample {
  return { object_key: object.key, line: null, ordinal: null, text: '' };
}

function sum(tables: readonly ObjectTable[], of: (table: ObjectTable) => number): number {
  return tables.reduce((total, table) => total + of(table), 0);
}

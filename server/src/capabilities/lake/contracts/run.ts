import type { ContractRule, Group, RuleResult } from '../engine/contract/rules.ts';
import { formatOf } from '../engine/formats.ts';
import type { VersionObjects } from '../jobs/version-objects.ts';
import type { QueryNeeds } from '../queries/run.ts';
import { type ObjectTable, type TableOptions, withTables } from '../tables/version-tables.ts';
import { assign } from './assign.ts';
import type { Contract } from './odcs.ts';
import { columnOf, rulesOf } from './rules.ts';
import { runSqlRules } from './sql-rules.ts';

/** The tables of each schema object, and those of none. */
export function groupTables(contract: Contract, tables: readonly ObjectTable[]) {
  const objects = contract.schema ?? [];
  const groups: ObjectTable[][] = objects.map(() => []);
  const unmatched: ObjectTable[] = [];
  for (const table of tables) {
    const at = assign(objects, table.object.key);
    (at === undefined ? unmatched : (groups[at] as ObjectTable[])).push(table);
  }
  return { groups, unmatched };
}

/** Columns that are to be read as texts: a postcode of CSV looks like a number, but its contract knows better. */
export function textColumns(contract: Contract | undefined): ReadonlySet<string> {
  const properties = (contract?.schema ?? []).flatMap((object) => object.properties ?? []);
  return new Set(properties.filter(({ logicalType }) => logicalType === 'string').map(columnOf));
}

/** Checks what a contract asks, or those rules of it that are wanted, on the tables of a version. */
export async function runContract(
  of: Pick<VersionObjects, 'uri'>,
  contract: Contract,
  wanted: (rule: string) => boolean,
  tables: readonly ObjectTable[],
  needs: QueryNeeds,
  now: number,
  options: TableOptions,
): Promise<readonly RuleResult[]> {
  const rules = rulesOf(contract, now).filter(({ id }) => wanted(id));
  if (rules.length === 0) return [];
  const { groups } = groupTables(contract, tables);
  const all = groups.flat();
  return withTables(of, all, needs, options, async (held) => {
    const files = new Map(all.map((table, at) => [table, held[at]?.files ?? []]));
    const asGroup = (group: readonly ObjectTable[], at: number): Group => ({
      name: contract.schema?.[at]?.name ?? '',
      tables: group.map((table) => ({
        key: table.object.key,
        files: files.get(table) ?? [],
        columns: table.columns,
        sparse: /^jsonl?$/.test(formatOf(table.object.key, table.object.content_type) ?? ''),
      })),
    });
    const asked = groups.map(asGroup);
    const own = rules.filter((rule) => !isQuery(rule));
    const counted =
      own.length > 0 ? (await needs.engines.run('contract', { groups: asked, rules: own }, options)).results : [];
    const queried = await runSqlRules(asked, rules.filter(isQuery), needs.queries, options);
    const results = { own: counted.values(), queries: queried.values() };
    return rules.flatMap((rule) => results[isQuery(rule) ? 'queries' : 'own'].next().value ?? []);
  });
}

function isQuery({ check }: ContractRule): boolean {
  return check.kind === 'sql';
}

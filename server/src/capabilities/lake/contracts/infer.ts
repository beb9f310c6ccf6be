import type { ColumnProfile } from '../engine/protocol.ts';
import { parseTimestamp } from '../engine/values.ts';
import type { VersionObjects } from '../jobs/version-objects.ts';
import type { QueryNeeds } from '../queries/run.ts';
import { type ObjectTable, type TableOptions, withTables } from '../tables/version-tables.ts';
import type { Contract, Property, SchemaObject } from './odcs.ts';
import { runContract } from './run.ts';

/** A list of values is short enough to be meant: so many of them, each of them met several times, and not too long. */
const enumValues = 10;
const enumShare = 5;
const enumChars = 60;
const manySchemas = 20;

/**
 * Drafts a contract from what the tables of a version hold: types, required and unique columns, bounds, short lists of
 * values. Whatever of it the tables themselves break is left out, so that the version satisfies its draft.
 */
export async function inferContract(
  plan: VersionObjects & { readonly name: string },
  tables: readonly ObjectTable[],
  needs: QueryNeeds,
  options: TableOptions,
): Promise<Contract> {
  const draft: Contract = {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: plan.dataset_id,
    name: plan.name,
    version: '1.0.0',
    status: 'draft',
    schema: await Promise.all(groupByShape(plan.name, tables).map((group) => draftSchema(plan, group, needs, options))),
  };
  // A JSON column is an object or an array; which, the check tells.
  const first = await broken(plan, draft, tables, needs, options);
  const second = mapProperties(draft, (property, path) => without(property, path, first));
  const still = await broken(plan, second, tables, needs, options);
  return mapProperties(second, (property, path) => {
    const { logicalType, ...rest } = property;
    return still.has(`${path}.type`) ? rest : property;
  });
}

interface Shape {
  readonly name: string;
  readonly physicalName?: string;
  readonly tables: readonly ObjectTable[];
}

/** One schema object for all; where objects have different columns and are few, one for each of them. */
function groupByShape(name: string, tables: readonly ObjectTable[]): Shape[] {
  const shapes = new Set(tables.map(({ columns }) => JSON.stringify(columns.map((column) => column.name).sort())));
  if (shapes.size === 1 || shapes.size < tables.length || tables.length > manySchemas) return [{ name, tables }];
  return tables.map((table) => ({ name: table.object.key, physicalName: table.object.key, tables: [table] }));
}

async function draftSchema(
  plan: VersionObjects,
  { name, physicalName, tables }: Shape,
  needs: QueryNeeds,
  options: TableOptions,
): Promise<SchemaObject> {
  const { rows, columns } = await withTables(plan, tables, needs, options, (held) =>
    needs.engines.run(
      'profile',
      {
        tables: tables.map(({ object, columns: own }, at) => ({
          key: object.key,
          files: held[at]?.files ?? [],
          columns: own,
          sparse: false,
        })),
      },
      options,
    ),
  );
  const properties = columns.map((column) => draftProperty(column, rows));
  return { name, ...(physicalName !== undefined && { physicalName }), properties };
}

function draftProperty(column: ColumnProfile, rows: number): Property {
  const count = rows - column.nulls;
  const limits = bounds(column);
  const values = column.top.map(({ value }) => value);
  const listed =
    column.type === 'string' &&
    values.length <= enumValues &&
    count >= values.length * enumShare &&
    values.every((value) => value.length <= enumChars) &&
    column.top.reduce((sum, one) => sum + one.count, 0) === count;
  return {
    name: column.name,
    logicalType: column.type === 'json' ? 'object' : column.type,
    ...(rows > 0 && column.nulls === 0 && { required: true }),
    // An estimate; what is not so is left out after the check.
    ...(count > 1 && column.type !== 'json' && column.distinct > count * 0.8 && { unique: true }),
    ...(limits && { logicalTypeOptions: limits }),
    ...(listed &&
      count > 0 && { quality: [{ metric: 'invalidValues', arguments: { validValues: values }, mustBe: 0 }] }),
  };
}

function bounds({ type, min, max }: ColumnProfile): Record<string, unknown> | undefined {
  if (min === null || max === null) return undefined;
  // What JSON cannot say exactly stays unbounded.
  if (type === 'integer' || type === 'number')
    return typeof min === 'number' && typeof max === 'number' ? { minimum: min, maximum: max } : undefined;
  if (type !== 'date' && type !== 'timestamp') return undefined;
  const [from, until] = [parseTimestamp(String(min)), parseTimestamp(String(max))];
  if (from === undefined || until === undefined) return undefined;
  const text = (ms: number) => new Date(ms).toISOString().slice(0, type === 'date' ? 10 : 24);
  return { minimum: text(from), maximum: text(until) };
}

/** Ids of the rules that the version breaks. */
async function broken(
  plan: VersionObjects,
  contract: Contract,
  tables: readonly ObjectTable[],
  needs: QueryNeeds,
  options: TableOptions,
): Promise<ReadonlySet<string>> {
  const results = await runContract(plan, contract, () => true, tables, needs, 0, options);
  return new Set(results.filter(({ status }) => status !== 'passed').map(({ rule }) => rule));
}

function mapProperties(
  contract: Contract,
  change: (property: Property, path: string) => Property | undefined,
): Contract {
  const schema = contract.schema?.map((object) => ({
    ...object,
    properties: (object.properties ?? []).flatMap(
      (property) => change(property, `${object.name}.${property.name}`) ?? [],
    ),
  }));
  return { ...contract, ...(schema && { schema }) };
}

function without(property: Property, path: string, rules: ReadonlySet<string>): Property | undefined {
  if (rules.has(`${path}.column`)) return undefined;
  const { logicalType, required, unique, logicalTypeOptions: options, quality, ...rest } = property;
  const kept = Object.entries(options ?? {}).filter(([name]) => !rules.has(`${path}.${name}`));
  return {
    ...rest,
    ...(logicalType !== undefined && { logicalType: rules.has(`${path}.type`) ? 'array' : logicalType }),
    ...(required && !rules.has(`${path}.required`) && { required }),
    ...(unique && !rules.has(`${path}.unique`) && { unique }),
    ...(kept.length > 0 && { logicalTypeOptions: Object.fromEntries(kept) }),
    ...(quality && !rules.has(`${path}.invalidValues`) && { quality }),
  };
}

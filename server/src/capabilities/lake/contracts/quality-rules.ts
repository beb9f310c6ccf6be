import type { Check, Comparison, Operator, Severity } from '../engine/contract/rules.ts';
import type { Quality } from './odcs.ts';
import type { Draft } from './rules.ts';

const operators: readonly Operator[] = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
];

/** A quality rule of a property (`column`) or of a schema object, whose properties are called `columns` in the data. */
export function qualityRule(
  quality: Quality,
  at: number,
  column: string | undefined,
  columns: ReadonlyMap<string, string>,
): Draft {
  const compare = comparisonOf(quality);
  const check = checkOf(quality, column, columns, compare);
  const unit = quality.unit === 'percent' ? 'percent' : 'rows';
  const kind = quality.metric ?? quality.type ?? 'quality';
  return {
    name: at === 0 ? kind : `${kind}_${at + 1}`,
    given: quality.id ?? quality.name,
    severity: severityOf(quality.severity),
    check,
    unit,
    ...(compare && { compare }),
  };
}

function checkOf(
  quality: Quality,
  column: string | undefined,
  columns: ReadonlyMap<string, string>,
  compare: Comparison | undefined,
): Check {
  const { metric, type, unit, query } = quality;
  const type_ = type ?? 'library';
  if (type_ === 'text') return skipped('it is a text for people');
  if (type_ === 'custom') return skipped(`rules of the engine ${quality.engine ?? ''} are not run`);
  if (compare === undefined) return skipped('it does not say what must be');
  if (unit !== undefined && unit !== 'rows' && unit !== 'percent') return skipped(`the unit ${unit} is not known`);
  if (type_ === 'sql') return { kind: 'sql', query: query ?? '', ...(column !== undefined && { column }) };
  const given = quality.arguments ?? {};
  const words = (name: string) => (Array.isArray(given[name]) ? (given[name] as unknown[]) : undefined);
  if (metric === 'rowCount') {
    if (column !== undefined) return skipped('rowCount is a metric of a schema object');
    return unit === 'percent' ? skipped('rowCount has no percent') : { kind: 'rows' };
  }
  if (metric === 'duplicateValues') {
    const names = column === undefined ? (words('properties') ?? []).map(String) : [];
    if (column === undefined && names.length === 0)
      return skipped('duplicateValues of a schema object needs arguments.properties');
    return {
      kind: 'duplicates',
      columns: column === undefined ? names.map((name) => columns.get(name) ?? name) : [column],
    };
  }
  if (column === undefined) return skipped(`${metric} is a metric of a property`);
  if (metric === 'nullValues') return { kind: 'null', column };
  if (metric === 'missingValues') return { kind: 'missing', column, values: words('missingValues') ?? [null, ''] };
  if (metric === 'invalidValues') {
    const values = words('validValues');
    const pattern = typeof given.pattern === 'string' ? given.pattern : undefined;
    if (!values && pattern === undefined)
      return skipped('invalidValues needs arguments.validValues or arguments.pattern');
    return { kind: 'values', column, ...(values && { values }), ...(pattern !== undefined && { pattern }) };
  }
  return skipped('it names no metric that is known');
}

function comparisonOf(quality: Quality): Comparison | undefined {
  const operator = operators.find((name) => quality[name] !== undefined);
  return operator && { operator, to: quality[operator] };
}

function severityOf(severity: string | undefined): Severity {
  const word = severity?.toLowerCase() ?? '';
  if (word.startsWith('warn')) return 'warning';
  return word.startsWith('info') ? 'info' : 'error';
}

function skipped(reason: string): Check {
  return { kind: 'skipped', reason };
}

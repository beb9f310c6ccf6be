import type { Check, ContractRule } from '../engine/contract/rules.ts';
import { badContract } from './bad-contract.ts';
import { latencyRules } from './latency.ts';
import type { Contract, Property, SchemaObject } from './odcs.ts';
import { optionChecks } from './option-checks.ts';
import { qualityRule } from './quality-rules.ts';
import { relationshipCheck } from './relationships.ts';

/** What a rule is before it has an id of its own. */
export type Draft = Omit<ContractRule, 'id' | 'group'> & { readonly name: string; readonly given?: string | undefined };

const error = 'error' as const;
const maxRules = 5000;

/**
 * All that a contract asks of data, as rules in its order. A rule of the contract keeps its `id`; one that follows from a
 * property is called after it, such as `orders.amount.required`. What is not checked is there too, with the reason.
 */
export function rulesOf(contract: Contract, now: number): ContractRule[] {
  const rules: ContractRule[] = [];
  const taken = new Set<string>();
  const add = (group: number, path: string, { name, given, ...rule }: Draft) => {
    const wanted = given !== undefined && !taken.has(given) ? given : `${path}.${name}`;
    let id = wanted;
    for (let n = 2; taken.has(id); n++) id = `${wanted}_${n}`;
    taken.add(id);
    if (rules.length >= maxRules) throw badContract(`it has more than ${maxRules} rules`);
    rules.push({ id, group, ...rule });
  };
  const objects = contract.schema ?? [];
  for (const [group, object] of objects.entries()) {
    for (const property of object.properties ?? [])
      for (const draft of propertyDrafts(contract, property)) add(group, `${object.name}.${property.name}`, draft);
    for (const draft of objectDrafts(contract, object)) add(group, object.name, draft);
  }
  for (const { group, ...draft } of latencyRules(contract, now)) add(group, 'sla', draft);
  return rules;
}

/** The name of a property in the data. */
export function columnOf(property: Property): string {
  return property.physicalName ?? property.name;
}

function* propertyDrafts(contract: Contract, property: Property): Generator<Draft> {
  const column = columnOf(property);
  const draft = (name: string, check: Check): Draft => ({ name, severity: error, check });
  yield draft('column', { kind: 'column', column });
  if (property.logicalType !== undefined) yield draft('type', { kind: 'type', column, type: property.logicalType });
  if (property.required) yield draft('required', { kind: 'null', column });
  if (property.unique) yield draft('unique', { kind: 'duplicates', columns: [column] });
  for (const [name, check] of optionChecks(column, property)) yield draft(name, check);
  if (property.properties || property.items)
    yield draft('nested', { kind: 'skipped', reason: 'what is inside of a value is not checked' });
  for (const [at, relationship] of (property.relationships ?? []).entries())
    yield draft(numbered('relationship', at), relationshipCheck(contract, [column], relationship));
  for (const [at, quality] of (property.quality ?? []).entries()) yield qualityRule(quality, at, column, new Map());
}

function* objectDrafts(contract: Contract, object: SchemaObject): Generator<Draft> {
  const columns = new Map((object.properties ?? []).map((property) => [property.name, columnOf(property)]));
  const key = (object.properties ?? [])
    .filter(({ primaryKey }) => primaryKey)
    .sort((a, b) => (a.primaryKeyPosition ?? -1) - (b.primaryKeyPosition ?? -1));
  for (const property of key.filter(({ required }) => !required))
    yield {
      name: `primary_key_${property.name}`,
      severity: error,
      check: { kind: 'null', column: columnOf(property) },
    };
  if (key.length > 0)
    yield { name: 'primary_key', severity: error, check: { kind: 'duplicates', columns: key.map(columnOf) } };
  for (const [at, relationship] of (object.relationships ?? []).entries())
    yield {
      name: numbered('relationship', at),
      severity: error,
      check: relationshipCheck(contract, undefined, relationship, object),
    };
  for (const [at, quality] of (object.quality ?? []).entries()) yield qualityRule(quality, at, undefined, columns);
}

function numbered(name: string, at: number): string {
  return at === 0 ? name : `${name}_${at + 1}`;
}

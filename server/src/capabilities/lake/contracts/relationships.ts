import type { Check } from '../engine/contract/rules.ts';
import { badContract } from './bad-contract.ts';
import type { Contract, Property, Relationship, SchemaObject } from './odcs.ts';

const nameOf = (property: Property) => property.physicalName ?? property.name;
const listOf = (given: string | readonly string[] | undefined) => (typeof given === 'string' ? [given] : (given ?? []));

/** The check of a foreign key. At a property `from` is that one's column; at a schema object the relationship names it. */
export function relationshipCheck(
  contract: Contract,
  from: readonly string[] | undefined,
  relationship: Relationship,
  object?: SchemaObject,
): Check {
  const targets = listOf(relationship.to).map((reference) => resolve(contract, reference));
  const sources = listOf(relationship.from).map((reference) => resolve(contract, reference));
  if ([...targets, ...sources].some((found) => found === 'elsewhere'))
    return { kind: 'skipped', reason: 'it refers to another contract' };
  const to = targets as Found[];
  const columns = from ?? (sources as Found[]).map(({ column }) => column);
  if (columns.length !== to.length) throw badContract('the two sides of a relationship have different lengths');
  if (new Set(to.map(({ group }) => group)).size !== 1) throw badContract('a relationship leads to one schema object');
  if (object && (sources as Found[]).some(({ group }) => contract.schema?.[group] !== object))
    return { kind: 'skipped', reason: 'its from is in another schema object' };
  return { kind: 'reference', columns, to: to[0]?.group ?? 0, toColumns: to.map(({ column }) => column) };
}

interface Found {
  readonly group: number;
  readonly column: string;
}

/** `object.property` by their names, or `schema/<id>/properties/<id>` by their ids. */
export function resolve(contract: Contract, reference: string): Found | 'elsewhere' {
  if (reference.includes('#') && !reference.startsWith('#')) return 'elsewhere';
  const objects = contract.schema ?? [];
  const path = /^#?\/?schema\/([^/]+)\/properties\/([^/]+)$/.exec(reference);
  const dot = reference.indexOf('.');
  const [object, property] = path ? [path[1], path[2]] : [reference.slice(0, dot), reference.slice(dot + 1)];
  const group = objects.findIndex(({ id, name }) => (path ? id === object : name === object));
  const found = objects[group]?.properties?.find(({ id, name }) => (path ? id === property : name === property));
  if (!found) throw badContract(`${reference} is no property of it`);
  return { group, column: nameOf(found) };
}

import type { Fault } from './faults.ts';

export interface Property {
  readonly name: string;
  readonly dataType: readonly string[];
  readonly tokenization?: string;
  readonly indexFilterable?: boolean;
  readonly indexSearchable?: boolean;
}

/** A collection's definition, as `POST /v1/schema` has it. */
export interface ClassDefinition {
  readonly class: string;
  readonly properties: readonly Property[];
  readonly invertedIndexConfig?: {
    readonly indexNullState?: boolean;
    readonly stopwords?: { readonly preset?: string };
  };
  readonly vectorizer?: string;
  readonly vectorConfig?: Readonly<Record<string, { readonly vectorIndexConfig?: { readonly distance?: string } }>>;
}

export type Value = string | number | boolean;

export interface StoredObject {
  readonly uuid: string;
  /** In the order in which objects came in: what ties are in. */
  readonly docId: number;
  readonly properties: Readonly<Record<string, Value>>;
  readonly vectors: Readonly<Record<string, readonly number[]>>;
}

export interface StoredCollection {
  readonly definition: ClassDefinition;
  readonly objects: Map<string, StoredObject>;
  /** Of each named vector, as its first object had it. */
  readonly dimensions: Map<string, number>;
}

/** All that an instance holds, and what it is told to do wrong. */
export interface State {
  readonly apiKey: string | undefined;
  readonly version: string;
  readonly collections: Map<string, StoredCollection>;
  readonly faults: Fault[];
  /** How often each call came in. */
  readonly calls: Record<string, number>;
  docIds: number;
}

/** What a call is refused with. */
export class Refusal extends Error {}

export function collectionOf(state: State, name: string): StoredCollection {
  const found = state.collections.get(name);
  if (!found) throw new Refusal(`could not find class ${name} in schema`);
  return found;
}

export function propertyOf({ definition }: StoredCollection, name: string): Property {
  const found = definition.properties.find((property) => property.name === name);
  if (!found) throw new Refusal(`no such prop with name '${name}' found in class '${definition.class}' in the schema`);
  return found;
}

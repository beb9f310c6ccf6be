import { collectionOf, propertyOf, Refusal, type State, type StoredCollection, type Value } from './state.ts';

/** An object as `BatchObjects` sends it. */
interface GivenObject {
  readonly uuid: string;
  readonly collection: string;
  readonly properties: { readonly nonRefProperties: Readonly<Record<string, unknown>> | undefined } | undefined;
  readonly vectors: readonly { readonly name: string; readonly vectorBytes: Uint8Array }[];
  readonly vectorBytes: Uint8Array;
}

/** Puts an object in the place of one with its id, if there is one. */
export function putObject(state: State, given: GivenObject): void {
  const collection = collectionOf(state, given.collection);
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(given.uuid))
    throw new Refusal(`invalid UUID: ${given.uuid}`);
  const properties: Record<string, Value> = {};
  for (const [name, value] of Object.entries(given.properties?.nonRefProperties ?? {})) {
    if (value === null || value === undefined) continue;
    properties[name] = typedValue(propertyOf(collection, name).dataType[0] ?? '', name, value);
  }
  const uuid = given.uuid.toLowerCase();
  const docId = state.docIds++;
  collection.objects.set(uuid, { uuid, docId, properties, vectors: vectorsOf(collection, given) });
}

function typedValue(type: string, name: string, value: unknown): Value {
  const right =
    type === 'text'
      ? typeof value === 'string'
      : type === 'boolean'
        ? typeof value === 'boolean'
        : type === 'date'
          ? typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)
          : typeof value === 'number';
  if (!right) throw new Refusal(`invalid ${type} property '${name}': not a ${type}, but '${typeof value}'`);
  return value as Value;
}

function vectorsOf(collection: StoredCollection, { vectors, vectorBytes }: GivenObject) {
  const { definition, dimensions } = collection;
  if (vectorBytes.length > 0 && definition.vectorConfig)
    throw new Refusal(`collection ${definition.class} is configured with named vectors, but received a regular one`);
  const found: Record<string, readonly number[]> = {};
  for (const { name, vectorBytes: bytes } of vectors) {
    if (!definition.vectorConfig?.[name])
      throw new Refusal(`collection ${definition.class} does not have named vector ${name}`);
    const vector = floatsOf(bytes);
    const expected = dimensions.get(name) ?? vector.length;
    if (expected !== vector.length)
      throw new Refusal(`vector lengths don't match: ${expected} vs ${vector.length} for target vector ${name}`);
    dimensions.set(name, expected);
    found[name] = vector;
  }
  return found;
}

export function floatsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

import type { SearchRequest } from '../../../../node_modules/weaviate-client/dist/node/esm/proto/v1/search_get.js';
import { matcher } from './filter.ts';
import { floatsOf } from './objects.ts';
import { collectionOf, propertyOf, Refusal, type State, type StoredCollection, type StoredObject } from './state.ts';

export interface Match {
  readonly object: StoredObject;
  readonly score?: number;
  readonly distance?: number;
}

const mostResults = 10_000;
const defaultLimit = 10;

/** What `Search` finds: a list, what is nearest to a vector, or what words rank best. */
export function findObjects(state: State, request: SearchRequest): Match[] {
  const collection = collectionOf(state, request.collection);
  const { offset, after, sortBy } = request;
  const limit = request.limit === 0 ? defaultLimit : request.limit;
  if (offset + limit > mostResults) throw new Refusal('query maximum results exceeded');
  const matches = matcher(collection, request.filters);
  if (after !== '') {
    if (request.filters || sortBy.length > 0 || offset > 0 || request.bm25Search || request.nearVector)
      throw new Refusal('cursor api: only limit may be used with after');
    return byUuid(collection)
      .filter(({ uuid }) => uuid > after)
      .slice(0, limit)
      .map((object) => ({ object }));
  }
  const candidates = byUuid(collection).filter(matches);
  return rank(collection, candidates, request).slice(offset, offset + limit);
}

function rank(collection: StoredCollection, candidates: readonly StoredObject[], request: SearchRequest): Match[] {
  if (request.bm25Search) return byWords(collection, candidates, request.bm25Search);
  if (request.nearVector) return byVector(collection, candidates, request.nearVector);
  const [sort] = request.sortBy;
  if (!sort) return candidates.map((object) => ({ object }));
  const { name } = propertyOf(collection, sort.path[0] ?? '');
  // Texts are sorted whatever their case.
  const text = ({ properties }: StoredObject) => String(properties[name] ?? '').toLowerCase();
  const sorted = candidates.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : a.docId - b.docId));
  return (sort.ascending ? sorted : sorted.reverse()).map((object) => ({ object }));
}

function byUuid({ objects }: StoredCollection): StoredObject[] {
  return [...objects.values()].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

const words = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** BM25 with Weaviate's defaults (k1 1.2, b 0.75): rows that have any of the words. */
function byWords(
  collection: StoredCollection,
  candidates: readonly StoredObject[],
  { query, properties }: NonNullable<SearchRequest['bm25Search']>,
): Match[] {
  const [name = ''] = properties;
  if (propertyOf(collection, name).indexSearchable === false)
    throw new Refusal(
      `property ${name} is not indexed. Please choose another property or add an index to this property`,
    );
  const documents = byUuid(collection).map((object) => ({
    object,
    terms: words(String(object.properties[name] ?? '')),
  }));
  const average = documents.reduce((sum, { terms }) => sum + terms.length, 0) / Math.max(1, documents.length);
  const wanted = [...new Set(words(query))];
  const idf = new Map(
    wanted.map((term) => {
      const having = documents.filter(({ terms }) => terms.includes(term)).length;
      return [term, Math.log(1 + (documents.length - having + 0.5) / (having + 0.5))];
    }),
  );
  const allowed = new Set(candidates.map(({ uuid }) => uuid));
  return documents
    .filter(({ object }) => allowed.has(object.uuid))
    .map(({ object, terms }) => {
      const score = wanted.reduce((sum, term) => {
        const count = terms.filter((one) => one === term).length;
        const weight = (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * terms.length) / Math.max(1, average)));
        return sum + (idf.get(term) ?? 0) * weight;
      }, 0);
      return { object, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.object.docId - a.object.docId);
}

/** The nearest by cosine, compared exactly. */
function byVector(
  collection: StoredCollection,
  candidates: readonly StoredObject[],
  { targets, vectors, vectorBytes }: NonNullable<SearchRequest['nearVector']>,
): Match[] {
  const [name = ''] = targets?.targetVectors ?? [];
  const config = collection.definition.vectorConfig?.[name];
  if (!config) throw new Refusal(`collection ${collection.definition.class} does not have named vector ${name}`);
  if (config.vectorIndexConfig?.distance !== 'cosine')
    throw new Refusal('this simulator knows the distance cosine only');
  const wanted = floatsOf(vectors[0]?.vectorBytes ?? vectorBytes);
  const expected = collection.dimensions.get(name) ?? wanted.length;
  if (expected !== wanted.length) throw new Refusal(`vector lengths don't match: ${expected} vs ${wanted.length}`);
  return candidates
    .flatMap((object) => {
      const vector = object.vectors[name];
      return vector ? [{ object, distance: 1 - cosine(vector, wanted) }] : [];
    })
    .sort((a, b) => a.distance - b.distance || b.object.docId - a.object.docId);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

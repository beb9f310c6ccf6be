import type { WeaviateClass } from 'weaviate-client';
import type { ColumnType, EngineColumn } from '../../engine/protocol.ts';
import { keyName, VECTOR, valueName } from './rows.ts';

/** Every build has a collection of its own. Names of collections begin with a capital and hold letters, digits and `_`. */
export const collectionName = (buildId: string): string =>
  `Tutti_${buildId.replace(/^idx_/, '').replaceAll(/[^A-Za-z0-9]/g, '_')}`;

type Property = NonNullable<WeaviateClass['properties']>[number];

const dataTypes: Readonly<Record<ColumnType, string>> = {
  string: 'text',
  json: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'date',
};

/** The collection of a build, as `POST /v1/schema` takes it. Whatever Weaviate would choose by itself is said. */
export function schemaOf(name: string, columns: readonly EngineColumn[], withVectors: boolean): WeaviateClass {
  return {
    class: name,
    properties: [
      kept('row_id', 'text'),
      compared('row_key'),
      kept('object_key', 'text'),
      compared('object_id'),
      kept('object_hash', 'text'),
      kept('ordinal', 'number'),
      kept('line', 'number'),
      { ...kept('text', 'text'), indexSearchable: true, tokenization: 'word' },
      ...columns.flatMap(({ type }, at) => [kept(valueName(at), dataTypes[type]), compared(keyName(at))]),
    ],
    // Words such as "the" are words of the data.
    invertedIndexConfig: { indexNullState: true, stopwords: { preset: 'none' } },
    ...(withVectors
      ? {
          vectorConfig: {
            [VECTOR]: {
              vectorizer: { none: {} },
              vectorIndexType: 'hnsw',
              vectorIndexConfig: { distance: 'cosine' },
            },
          },
        }
      : { vectorizer: 'none', vectorIndexType: 'hnsw', vectorIndexConfig: { skip: true } }),
  };
}

/** A property that is only read. */
function kept(name: string, dataType: string): Property {
  return {
    name,
    dataType: [dataType],
    indexFilterable: false,
    ...(dataType === 'text' && { indexSearchable: false, tokenization: 'field' as const }),
  };
}

/** A property that is compared with a key, whole. */
function compared(name: string): Property {
  return { ...kept(name, 'text'), indexFilterable: true };
}

export type ObjectFormat = 'csv' | 'jsonl' | 'json' | 'parquet' | 'text';

const byExtension: Readonly<Record<string, ObjectFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  parquet: 'parquet',
  txt: 'text',
  md: 'text',
};

const byContentType: Readonly<Record<string, ObjectFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
  'application/json': 'json',
  'application/vnd.apache.parquet': 'parquet',
  'text/plain': 'text',
  'text/markdown': 'text',
};

/**
 * The format of an object by its key, or by its content type when the key has no known extension; undefined when
 * neither says. A trailing `.gz` is looked through, except for Parquet, which compresses by itself.
 */
export function formatOf(key: string, contentType?: string): ObjectFormat | undefined {
  const name = (key.split('/').at(-1) ?? '').toLowerCase();
  const plain = name.replace(/\.gz$/, '');
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 ? plain.slice(dot + 1) : '';
  const known = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  if (known) return known === 'parquet' && plain !== name ? undefined : known;
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return Object.hasOwn(byContentType, type) ? byContentType[type] : undefined;
}

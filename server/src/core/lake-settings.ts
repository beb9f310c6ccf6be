import { z } from 'zod';
import { count, embedder, flag, namedList, postgresTarget, reference, weaviateInstance } from './setting-types.ts';

const roots = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
  z.array(
    z
      .string()
      .regex(
        /^(file:\/\/\/|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/)/,
        'must be file:///…, a directory by its absolute path, or s3://<bucket>/…',
      ),
  ),
);

/** The settings of the capability `lake`. */
export const lakeSettings = {
  'lake.roots': roots
    .default([])
    .describe('Directories (file:///…) and prefixes of buckets (s3://…/) whose data sets may be read in place.'),
  'lake.s3_endpoint': z
    .url({ protocol: /^https?$/ })
    .refine((text) => URL.canParse(text) && !new URL(text).username && !new URL(text).password, {
      error: 'must hold no keys: name them by lake.s3_access_key and lake.s3_secret_key',
    })
    .optional()
    .describe('URL of the S3 service of the s3:// roots. Without it, that of AWS.'),
  'lake.s3_region': z.string().min(1).default('us-east-1').describe('Region of their buckets.'),
  'lake.s3_path_style': flag
    .optional()
    .describe('Their buckets stand in the path of URLs. By default so with lake.s3_endpoint.'),
  'lake.s3_access_key': reference.optional().describe('Key to read them with, as env:VARIABLE or file:/path.'),
  'lake.s3_secret_key': reference.optional().describe('Its secret, as env:VARIABLE or file:/path.'),
  'lake.indexes': z
    .enum(['local', 's3'])
    .default('local')
    .describe('Where indexes are: local, in the data directory, or s3, beside the objects of objects.s3_bucket.'),
  'lake.engine_processes': count(1, 64).default(2).describe('Child processes for DuckDB and LanceDB.'),
  'lake.engine_memory_mb': count(128, 1_048_576)
    .default(2048)
    .describe('Memory at which such a child is ended, in MiB.'),
  'lake.engine_timeout_s': count(1, 86_400)
    .default(600)
    .describe('Seconds after which one call of such a child is ended.'),
  'lake.query_processes': count(1, 64)
    .default(2)
    .describe('Child processes for the SQL of callers: query_dataset, rules of contracts.'),
  'lake.query_memory_mb': count(128, 1_048_576)
    .default(1024)
    .describe('Memory at which such a child is ended, in MiB; a query has half of it.'),
  'lake.table_cache_bytes': count(2 ** 20, 2 ** 53 - 1)
    .default(20 * 2 ** 30)
    .describe('Room for the tables that are made of objects, in the data directory; they are made again when needed.'),
  'lake.embedders': namedList(embedder)
    .default([])
    .describe(
      'Endpoints of the OpenAI embeddings API: name, url (…/v1), model, dimensions, api_key by reference, batch_size, max_chars.',
    ),
  'lake.embedding_cache_bytes': count(2 ** 20, 2 ** 53 - 1)
    .default(4 * 2 ** 30)
    .describe('Room in the database for vectors that embedders answered, so that no text is embedded twice.'),
  'lake.postgres_targets': namedList(postgresTarget)
    .default([])
    .describe('Databases that callers may ingest into besides our own: name, and url by reference (env:, file:).'),
  'lake.weaviate': namedList(weaviateInstance)
    .default([])
    .describe(
      'Weaviate instances that callers may ingest into: name, url and grpc_url (http or https), api_key by reference.',
    ),
};

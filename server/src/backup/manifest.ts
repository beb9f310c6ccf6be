import { z } from 'zod';

/** The form of a backup. A release reads this one and all before it. */
export const formatVersion = 1;

export const manifestName = 'manifest.json';
export const manifestHashName = 'manifest.sha256';

const name = z.string().min(1).max(63);

/** What a table is like that no migration makes. Names are quoted wherever they are used; types have to look like types. */
const shape = z.object({
  columns: z
    .array(
      z.object({
        name,
        type: z.string().regex(/^[a-z_][a-z_ .]*(\(\d+(,\d+)?\))?(\[\])?$/),
        collation: name.nullable(),
        required: z.boolean(),
        comment: z.string().nullable(),
      }),
    )
    .min(1),
  key: z.array(name),
  indexes: z.array(
    z.object({
      name,
      method: name,
      columns: z.array(z.object({ name, class: z.object({ schema: name, name }).nullable() })).min(1),
    }),
  ),
});

const table = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()).min(1),
  shape: shape.optional(),
  rows: z.number().int().min(0),
  /** The part that holds the rows, in PostgreSQL's text format of COPY. */
  part: z.string(),
});

const sequence = z.object({ schema: z.string(), name: z.string(), value: z.string(), called: z.boolean() });

/** Names of files, below the data directory, that a backup may bring. */
const fileName =
  /^(objects|indexes|keys|secrets)\/[^\0]+$|^ops\/sandboxes\/[a-z0-9_-]+\/(compose\.yml|\.env)$|^(admin\.token|audit-anchor\.json)$/;

const part = z.object({
  name: z.string().refine((name) => (name.startsWith('tables/') || fileName.test(name)) && !escapes(name)),
  size: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const manifestSchema = z.object({
  format: z.literal(formatVersion),
  version: z.string(),
  created_at: z.iso.datetime(),
  /** Major version of the PostgreSQL that it came from; it may go to another one. */
  postgres: z.number().int(),
  migrations: z.array(z.string()),
  tables: z.array(table),
  sequences: z.array(sequence),
  parts: z.array(part),
  /** Where the objects are when they are in no part: `s3://<bucket>/<prefix>`. */
  bucket: z.string().optional(),
});

export type Manifest = z.output<typeof manifestSchema>;
export type Shape = z.output<typeof shape>;
export type TableDump = z.output<typeof table>;
export type SequenceState = z.output<typeof sequence>;

function escapes(name: string): boolean {
  return name.split('/').some((word) => word === '' || word === '.' || word === '..');
}

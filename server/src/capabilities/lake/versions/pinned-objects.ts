import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import { pageOf } from '../../../core/page.ts';
import { listManifestObjects } from './store.ts';

/** An object of a version as lists of versions show it. */
export const pinnedObjectSchema = z.looseObject({
  key: z.string().describe('Name of the object.'),
  size: z.number().describe('Bytes.'),
  sha256: z.string().describe('SHA-256 of the bytes, hex.'),
  content_type: z.string().describe('Media type.'),
  last_modified: z.string().describe('ISO 8601 UTC.'),
});

/** A page of the objects of a manifest, by key. */
export async function pageOfObjects(
  db: Db,
  manifestId: string,
  {
    size,
    ...range
  }: { readonly size: number; readonly after: string | undefined; readonly prefix?: string | undefined },
  cursor: (key: string) => string,
) {
  const rows = await listManifestObjects(db, manifestId, { ...range, limit: size + 1 });
  return pageOf(
    rows,
    size,
    (object) => ({ ...object }),
    (object) => cursor(object.key),
  );
}

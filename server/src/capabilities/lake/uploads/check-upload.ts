import type { Db } from '../../../core/db/database.ts';
import { largerThanAllowed } from '../../../core/objects/failures.ts';
import { notManaged } from '../errors.ts';
import { dataset } from '../objects.ts';

/** Throws unless a dataset takes uploads, and one of this size: NOT_FOUND, NOT_MANAGED or PAYLOAD_TOO_LARGE. */
export async function checkUpload(db: Db, id: string, size: number | undefined, maxBytes: number): Promise<void> {
  const { uri } = await dataset(db, id);
  if (!uri.startsWith('tutti://')) throw notManaged();
  if (size !== undefined && size > maxBytes) throw largerThanAllowed(size, maxBytes);
}

import type { Db } from '../../../core/db/database.ts';
import { noVersion, unknownVersion } from '../errors.ts';
import { dataset } from '../objects.ts';
import { findVersion } from '../versions/store.ts';

/** The name of the wanted version, by default the current one; refused when there is none. */
export async function versionToRead(db: Db, datasetId: string, wanted: string | undefined): Promise<string> {
  const row = await dataset(db, datasetId);
  const version = wanted ?? row.version;
  if (version === null) throw noVersion(datasetId);
  if (!(await findVersion(db, datasetId, version))) throw unknownVersion(version);
  return version;
}

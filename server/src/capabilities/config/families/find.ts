import type { Db } from '../../../core/db/database.ts';
import { noClient } from '../errors.ts';
import { builtInFamily } from './built-in.ts';
import type { Family } from './family.ts';
import type { Format } from './format.ts';
import { type FamilyRow, listFamilyRows } from './store.ts';

/** Where the schema of a version of a client's format is served for good. */
export const schemaRef = (client: string, version: string) => `/schemas/${client}/${version}`;

/** The families that were put. */
export async function putFamilies(db: Db): Promise<Family[]> {
  return (await listFamilyRows(db)).map(toFamily);
}

/** The family of this id, or CLIENT_NOT_FOUND. */
export async function requireFamily(db: Db, client: string): Promise<Family> {
  const builtIn = builtInFamily(client);
  if (builtIn) return builtIn;
  const [row] = await listFamilyRows(db, client);
  if (!row) throw noClient(client);
  return toFamily(row);
}

function toFamily(row: FamilyRow): Family {
  const { client_id, title, format, capabilities, notes, schemas } = row;
  return {
    client_id,
    title,
    form: 'opaque',
    format: format as Format,
    capabilities,
    notes,
    // Whoever put it vouches for it.
    evidence: 'third-party',
    targets: [],
    schemas: schemas.map(({ version, version_range, schema, deprecated_at }) => ({
      version,
      version_range,
      schema,
      schema_ref: schemaRef(client_id, version),
      ...(deprecated_at && { deprecated_at: deprecated_at.toISOString() }),
    })),
  };
}

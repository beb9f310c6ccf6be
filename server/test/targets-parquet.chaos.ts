import { sql } from 'kysely';
import { describe } from 'vitest';
import { exportedValues } from './support/exported.ts';
import type { TestServer } from './support/server.ts';
import { testTarget } from './support/targets-contract.ts';

/** The database loses what is written of the files. */
async function loseFiles({ database: { db } }: TestServer) {
  await sql`create function lose() returns trigger language plpgsql as 'begin return null; end'`.execute(db);
  await sql`create trigger lose before insert on lake_export_files for each row execute function lose()`.execute(db);
  return () => sql`drop function lose() cascade`.execute(db);
}

describe('the target parquet', () =>
  testTarget({
    target: 'parquet',
    incremental: false,
    rows: async (lake, id) => {
      const { items } = await lake.ok('list_export_files', { dataset_id: id, page_size: 200 });
      return (await exportedValues(items, 'text')).map(String);
    },
    spoil: loseFiles,
  }));

import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { ManifestObject } from '../src/capabilities/lake/contract.ts';
import { manifestIdOf } from '../src/capabilities/lake/versions/manifest.ts';
import { eachManifestObject, findManifest, findVersion } from '../src/capabilities/lake/versions/store.ts';
import { openDatabase } from '../src/core/db/database.ts';
import { migrate } from '../src/core/db/migrate.ts';
import { createLog } from '../src/core/log.ts';
import { allMigrations } from '../src/migrations.ts';
import { clusterUrl } from './support/database.ts';
import { dropDatabase } from './support/drop-database.ts';
import { withDatabase } from './support/template.ts';

const object = (key: string, size: number): ManifestObject => ({
  key,
  size,
  sha256: String(size % 10).repeat(64),
  content_type: 'text/csv',
  last_modified: '2026-01-02T03:04:05.678Z',
});

async function* of(objects: readonly ManifestObject[]): AsyncGenerator<ManifestObject> {
  yield* objects;
}

test('versions that kept their objects in one column become rows, word for word', async () => {
  const log = createLog('error');
  const admin = openDatabase({ connectionString: clusterUrl() }, log, { max: 1 });
  const name = `test_${randomBytes(6).toString('hex')}`;
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const { db, close } = openDatabase({ connectionString: withDatabase(clusterUrl(), name) }, log);
  try {
    // The migrations of the first release: all that came before the second one of the lake.
    const first = allMigrations.map((slice) =>
      Object.fromEntries(
        Object.entries(slice).filter(([migration]) => !/^lake\.000[2-9]|^lake\.00[1-9]/.test(migration)),
      ),
    );
    await migrate(db, first);
    const one = [object('a"b\\c/ü😀.csv', 3), object('z.csv', 9_007_199_254)];
    const two = [...one, object('zz.csv', 0)];
    const [idOne, idTwo] = [await manifestIdOf(of(one)), await manifestIdOf(of(two))];
    await sql`insert into datasets (id, name, uri, state, version) values ('ds_1', 'one', 'tutti://one', 'staged', 'v3'),
      ('ds_2', 'two', 'file:///data/two', 'staged', 'v1')`.execute(db);
    for (const [dataset, version, manifest, objects, parent] of [
      ['ds_1', 'v1', idOne, one, null],
      ['ds_1', 'v2', idTwo, two, 'v1'],
      ['ds_1', 'v3', idOne, one, 'v2'],
      ['ds_2', 'v1', idOne, one, null],
    ] as const) {
      const bytes = objects.reduce((sum, { size }) => sum + size, 0);
      await sql`insert into dataset_versions (dataset_id, version, manifest_id, parent, objects, bytes)
        values (${dataset}, ${version}, ${manifest}, ${parent}, ${JSON.stringify(objects)}::jsonb, ${bytes})`.execute(
        db,
      );
    }

    await migrate(db, allMigrations);
    await migrate(db, allMigrations);
    for (const [id, objects] of [
      [idOne, one],
      [idTwo, two],
    ] as const) {
      const rows: ManifestObject[] = [];
      for await (const row of eachManifestObject(db, id)) rows.push(row);
      expect(rows).toEqual(objects);
      expect(await manifestIdOf(of(rows))).toBe(id);
      expect(await findManifest(db, id)).toMatchObject({
        object_count: objects.length,
        bytes: objects.reduce((sum, { size }) => sum + size, 0),
      });
    }
    expect(await findVersion(db, 'ds_1', 'v2')).toMatchObject({ manifest_id: idTwo, parent: 'v1', job_id: null });
    expect(await findVersion(db, 'ds_1', 'v3')).not.toHaveProperty('objects');
  } finally {
    await close();
    await dropDatabase(admin.db, name);
    await admin.close();
  }
});

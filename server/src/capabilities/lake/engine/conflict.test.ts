import { rmSync } from 'node:fs';
import { connect, Index } from '@lancedb/lancedb';
import { expect, test } from 'vitest';
import { makeTempDir } from '../../../../test/support/temp-dir.ts';
import { toWire } from './failure.ts';

test('a write that meets the one of another process may be tried again', async () => {
  const directory = makeTempDir('conflict');
  const connection = await connect(directory);
  const rows = Array.from({ length: 2000 }, (_, row) => ({ id: String(row), text: `word ${row}` }));
  const one = await connection.createTable('rows', rows);
  const other = await connection.openTable('rows');
  const done = await Promise.allSettled(
    [one, other].map((table) => table.createIndex('text', { config: Index.fts() })),
  );
  const reasons = done.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(reasons).toHaveLength(1);
  expect(toWire(reasons[0], 'lance', new Map())).toMatchObject({ kind: 'app', code: 'ENGINE_DIED' });
  rmSync(directory, { recursive: true, force: true });
});

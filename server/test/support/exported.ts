import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { makeTempDir } from './temp-dir.ts';

/** The values of a column in all files of an export, downloaded and read by an engine that knows nothing of us. */
export async function exportedValues(
  items: readonly { readonly url: string; readonly rows: number }[],
  column: string,
): Promise<unknown[]> {
  const dir = makeTempDir('export');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const values: unknown[] = [];
    for (const [at, { url, rows }] of items.entries()) {
      const file = path.join(dir, `${at}.parquet`);
      await writeFile(file, new Uint8Array(await (await fetch(url)).arrayBuffer()));
      const query = `SELECT "${column.replaceAll('"', '""')}" FROM read_parquet('${file}')`;
      const found = (await connection.runAndReadAll(query)).getRows();
      expect(found).toHaveLength(rows);
      values.push(...found.map(([value]) => value));
    }
    return values;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(dir, { recursive: true, force: true });
  }
}

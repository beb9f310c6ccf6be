import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLog } from '../../../core/log.ts';
import { formatOf } from './formats.ts';
import { createEnginePool, type EnginePool, type EnginePoolSettings } from './pool.ts';
import type { EngineObject } from './protocol.ts';

/** A directory of its own for a test, in which objects lie as in the store: under names without an extension. */
export async function createScratch() {
  const dir = await mkdtemp(join(tmpdir(), 'tutti-engine-'));
  let count = 0;
  const place = () => join(dir, `object${count++}`);
  const toObject = (path: string, key: string): EngineObject => ({ path, key, format: formatOf(key) ?? 'text' });
  return {
    dir,
    async put(key: string, content: string | Buffer): Promise<EngineObject> {
      const path = place();
      await writeFile(path, content);
      return toObject(path, key);
    },
    /** Makes a Parquet object from a SELECT, in a process of its own, as the test process loads no engine. */
    async putParquet(key: string, select: string): Promise<EngineObject> {
      const path = place();
      const script = `const { DuckDBInstance } = require(${JSON.stringify(
        createRequire(import.meta.url).resolve('@duckdb/node-api'),
      )});
        DuckDBInstance.create(':memory:').then((i) => i.connect()).then((c) =>
          c.run(${JSON.stringify(`COPY (${select}) TO '${path}' (FORMAT parquet)`)}));`;
      await promisify(execFile)(process.execPath, ['-e', script]);
      return toObject(path, key);
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

export type Scratch = Awaited<ReturnType<typeof createScratch>>;

export function createTestPool(settings: Partial<EnginePoolSettings> = {}): EnginePool {
  return createEnginePool({
    size: 2,
    memoryMb: 1024,
    timeoutMs: 30_000,
    idleMs: 30_000,
    log: createLog('silent'),
    ...settings,
  });
}

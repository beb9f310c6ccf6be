import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from '../support/lake.ts';
import { policiesOf } from '../support/policies.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dataDir: string;
let server: ServeProcess;
let lake: Lake;
beforeAll(async () => {
  dataDir = makeTempDir('policies');
  server = await serveProcess(dataDir);
  // The server may be another one by the time of the call.
  lake = lakeOf({ call: (name, input) => server.call(name, input), put: (...to) => server.put(...to) });
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('policies outlive kills at any moment: each version is validated and ingested once, and the newest is served', async () => {
  const policies = policiesOf(lake);
  const id = await lake.dataset('killed');
  await policies.set(id, 'hot-index');
  for (const [round, delayMs] of [0, 60, 300].entries()) {
    const version = `v${round + 1}`;
    const word = `word of ${version}`;
    await policies.commit(
      id,
      version,
      Array.from({ length: 2000 }, () => word),
    );
    await sleep(delayMs);
    await server.kill();
    server = await serveProcess(dataDir);
    await policies.until(id, { served_version: version, state: 'served' });
    expect(await lake.search(id, word)).toMatchObject({ served_version: version });
  }
  const jobs = await policies.quiet(id);
  const done = jobs.map(({ kind, state, metadata }) => [kind, state, metadata.version ?? metadata.report?.version]);
  expect(done).toEqual(
    ['v1', 'v2', 'v3'].flatMap((version) => [
      ['lake.validate', 'succeeded', version],
      ['lake.ingest', 'succeeded', version],
    ]),
  );
  expect((await lake.ok('list_policies', { dataset_id: id })).policies).toMatchObject([{ rules: true }]);
});

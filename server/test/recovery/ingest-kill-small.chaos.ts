import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ingestAcrossKills } from '../support/ingest-kill.ts';
import { makeTempDir } from '../support/temp-dir.ts';

test('a server that is killed inside a file goes on there: each row is in the index once', {
  timeout: 180_000,
}, async () => {
  const dataDir = makeTempDir('ingest-kill');
  try {
    expect.hasAssertions();
    await ingestAcrossKills(dataDir, { rows: 50_000, batchRows: 1000, kills: 2 });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

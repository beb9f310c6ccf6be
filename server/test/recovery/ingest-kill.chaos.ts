import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ingestAcrossKills } from '../support/ingest-kill.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** `CHAOS_ROUNDS=20 npm run test:chaos` for a long run. */
const kills = Number(process.env.CHAOS_ROUNDS ?? 4);

test('an ingest of a million rows ends with each of them once, however often its server is killed', {
  timeout: 1_800_000,
}, async () => {
  const dataDir = makeTempDir('ingest-kill');
  try {
    expect.hasAssertions();
    const life = () => 500 + Math.random() * 6000;
    await ingestAcrossKills(dataDir, { rows: 1_000_000, batchRows: 20_000, kills, life });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

// Keeps what later releases are held to, in server/test/fixtures/release-<version>: the catalogue, a data directory and a
// backup of it. node scripts/keep-release.ts [--again]; --again is for a version that nobody has yet.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeReleaseData, packBytes, packDirectory } from '../server/test/support/release-data.ts';
import { runTutti } from '../server/test/support/serve-process.ts';
import { makeTempDir } from '../server/test/support/temp-dir.ts';
import { currentFaces, currentVersion, releaseDirectory } from './releases.ts';

const version = currentVersion();
const target = fileURLToPath(releaseDirectory(version));
if (existsSync(target) && !process.argv.includes('--again')) {
  process.stderr.write(`${version} is kept already. If nobody has that version yet: --again\n`);
  process.exit(1);
}
const work = makeTempDir('release');
try {
  const data = path.join(work, 'data');
  const backup = path.join(work, 'backup.tar');
  const facts = await makeReleaseData(data, version);
  const saved = await runTutti(['backup', backup, '--data-dir', data]);
  if (saved.code !== 0) throw new Error(saved.output);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  packDirectory(data, path.join(target, 'data.tar.zst'));
  packBytes(readFileSync(backup), path.join(target, 'backup.tar.zst'));
  writeFileSync(path.join(target, 'facts.json'), `${JSON.stringify(facts, null, 2)}\n`);
  writeFileSync(path.join(target, 'catalogue.json'), `${JSON.stringify(currentFaces(), null, 1)}\n`);
  for (const name of ['data.tar.zst', 'backup.tar.zst', 'catalogue.json']) {
    process.stdout.write(`${name}: ${Math.ceil(statSync(path.join(target, name)).size / 1024)} KiB\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

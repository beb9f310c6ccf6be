// Packs both workspaces, installs the tarballs into an empty folder as a user would, and runs the product there.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveOnce } from './serve-once.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'tutti-packed-'));
// PostgreSQL of a server that runs as root has a user of its own, who must get through.
chmodSync(folder, 0o711);
try {
  run('npm', ['run', '--silent', 'build'], process.cwd());
  run('npm', ['pack', '--silent', '--workspaces', '--pack-destination', folder], process.cwd());
  const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.map((file) => `./${file}`)],
    folder,
  );
  const tutti = path.join(folder, 'node_modules', '.bin', 'tutti');
  run(tutti, ['--version'], folder);
  await serveOnce(tutti, ['--data-dir', path.join(folder, 'data')], { cwd: folder });
  run(tutti, ['tour'], folder);
  console.log('The packed product serves and plays its tour.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${path.basename(command)} ${args.join(' ')} ended with ${status}`);
}

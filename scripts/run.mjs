// Runs a command of the repository: installs what is missing, then starts it on the Node that the repository brings.
// Plain JavaScript on Node >= 20, because this file runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [name, ...args] = process.argv.slice(2);
if (!name) {
  console.error('usage: node scripts/run.mjs <command> [arguments]');
  process.exit(2);
}

installWhatIsMissing();
const child = spawn(name, args, {
  stdio: 'inherit',
  cwd: root,
  env: { ...process.env, PATH: searchPath() },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Could not start ${name}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));

/** Installs when the lock file differs from the one that the last install finished with. */
function installWhatIsMissing() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.tutti-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing what is missing …');
  // Not `npm ci`: it refuses a lock file that lacks the packages of platforms which its maker's registry did not offer.
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, lock);
}

/** The platforms without a bundled Node use the caller's own, which `tutti` then checks. */
function searchPath() {
  const bundled = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
  const local = path.join(root, 'node_modules', '.bin');
  return [bundled, local, process.env.PATH].join(path.delimiter);
}

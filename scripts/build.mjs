// Compiles both packages to dist/, which is what their tarballs hold: Node strips no types below node_modules.
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';

for (const workspace of ['server', 'client']) {
  rmSync(`${workspace}/dist`, { recursive: true, force: true });
  copyFileSync('LICENSE', `${workspace}/LICENSE`);
  const { status } = spawnSync('tsc', ['-p', `${workspace}/tsconfig.build.json`], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

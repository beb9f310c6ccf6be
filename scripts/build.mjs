// Compiles both packages to dist/, which is what their tarballs hold: Node strips no types below node_modules.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, rmSync } from 'node:fs';

// The client first: the server is compiled against its declarations.
for (const workspace of ['client', 'server']) {
  rmSync(`${workspace}/dist`, { recursive: true, force: true });
  copyFileSync('LICENSE', `${workspace}/LICENSE`);
  compile(`${workspace}/tsconfig.build.json`);
}
// The tour plays these examples, wherever it is installed.
const isData = (file) => !/\.(ts|json)$/.test(file) || /(rules|seed-run)\.json$/.test(file);
for (const example of ['email', 'orchestra-simulator']) {
  compile(`examples/${example}/tsconfig.build.json`);
  cpSync(`examples/${example}`, `server/dist/examples/${example}`, { recursive: true, filter: isData });
}

function compile(project) {
  const { status } = spawnSync('tsc', ['-p', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

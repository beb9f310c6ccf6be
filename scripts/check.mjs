// The checks before the tests: format, lint and walls, promises, types, dead code. Runs all, says which failed.
import { spawnSync } from 'node:child_process';

const checks = [
  ['format, lint and walls', 'biome', ['check', '.']],
  ['promises', 'oxlint', ['--type-aware', '.']],
  ['types', 'tsc', ['-p', '.']],
  ['dead code', 'knip', []],
];

const failed = checks.filter(([title, command, args]) => {
  console.log(`— ${title}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`Failed: ${failed.map(([title]) => title).join(', ')}.`);
  process.exit(1);
}

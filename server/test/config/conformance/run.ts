// Runs the tests that the requirements name and prints a table, yes or no for each: npm run conformance:config [-- <id> …]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attackRows, type Proof, requirements } from './requirements.ts';

const root = path.join(import.meta.dirname, '../../../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly status: string;
}

async function main(ids: readonly string[]): Promise<number> {
  const all = [...requirements, ...attackRows];
  const unknown = ids.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length > 0) {
    say(`There is no ${unknown.join(', ')}. There are: ${all.map(({ id }) => id).join(', ')}.`);
    return 2;
  }
  const wanted = all.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const outcomes = await runTests([...new Set(wanted.flatMap(({ proofs }) => proofs.map(({ file }) => file)))]);
  const rows = wanted.map((one) => ({ one, no: one.proofs.filter((proof) => !isProved(proof, outcomes)) }));
  const width = Math.max(...wanted.map(({ id }) => id.length));
  for (const { one, no } of rows) {
    say(`${one.id.padEnd(width)}  ${no.length === 0 ? 'yes' : 'NO '}  ${one.question}`);
    for (const { file, name } of one.proofs) say(`${' '.repeat(width + 7)}${file}: ${name.trim().replace(/:$/, '')}`);
    for (const { file, name } of no) say(`${' '.repeat(width + 2)}NO   not proved by ${file}: ${name}`);
  }
  const proved = rows.filter(({ no }) => no.length === 0).length;
  say(`\n${proved} of ${rows.length} are met, by ${outcomes.length} tests.`);
  return proved === rows.length ? 0 : 1;
}

/** Whether there is such a test, and all that there are have passed. One that was skipped proves nothing. */
function isProved(proof: Proof, outcomes: readonly Outcome[]): boolean {
  const found = testsOf(proof, outcomes).filter(({ status }) => ['passed', 'failed'].includes(status));
  return found.length > 0 && found.every(({ status }) => status === 'passed');
}

function testsOf({ file, name }: Proof, outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter((one) => one.file === file && one.name.includes(name));
}

/** Runs the files, each in its own tier, and answers how every test of them ended. */
async function runTests(files: readonly string[]): Promise<Outcome[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tutti-conformance-'));
  const report = path.join(scratch, 'report.json');
  try {
    const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
    const tiers = ['embedded', 'slow', 'chaos'].flatMap((tier) => ['--project', tier]);
    const args = [vitest, 'run', ...tiers, ...files, '--reporter=default', '--reporter=json', `--outputFile=${report}`];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
    await new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
    };
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({ file: path.relative(root, name), name: fullName, status })),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));

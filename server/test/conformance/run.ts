// The published conformance suite against the real server with the suite's fixtures: npm run test:conformance
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { createLog } from '../../src/core/log.ts';
import { readSettings } from '../../src/core/settings.ts';
import { startServer } from '../../src/main.ts';
import { startProxy } from './authenticating-proxy.ts';
import { extendMcp } from './fixtures.ts';

const here = import.meta.dirname;
const suite = path.join(here, 'node_modules/@modelcontextprotocol/conformance');
const revisions = ['2026-07-28', '2025-11-25'];

type Reasons = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Status = 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
interface Check {
  readonly id: string;
  readonly status: Status;
  readonly errorMessage?: string;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  await install();
  const expected = parse(readFileSync(path.join(here, 'expected-failures.yaml'), 'utf8')) as Reasons;
  const scratch = mkdtempSync(path.join(tmpdir(), 'tutti-conformance-'));
  const flags = ['--port', '0', '--data-dir', path.join(scratch, 'data'), '--limits-calls-per-minute', '1000000'];
  const server = await startServer(readSettings(flags, {}), createLog('error'), { extendMcp, strictOutputs: true });
  const proxy = await startProxy(server.url, readFileSync(server.tokenFile, 'utf8').trim());
  try {
    let unexpected = 0;
    for (const revision of revisions) {
      const results = path.join(scratch, revision);
      await run(process.execPath, [
        path.join(suite, 'dist/index.js'),
        ...['server', '--url', `${proxy.url}/mcp`, '--requirements', revision, '--output-dir', results],
      ]);
      unexpected += report(revision, results, expected[revision] ?? {});
    }
    say(unexpected === 0 ? 'Conformance: all as expected.' : `Conformance: ${unexpected} not as expected.`);
    return unexpected === 0 ? 0 : 1;
  } finally {
    proxy.stop();
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Says what happened in one revision, and answers how much of it is not as the list of expected failures has it. */
function report(revision: string, directory: string, expected: Readonly<Record<string, string>>): number {
  const scored = scoredScenarios(revision);
  const scenarios = readScenarios(directory);
  const failing = [...scenarios].filter(([, checks]) => checks.some((check) => check.status === 'FAILURE'));
  const names = failing.map(([name]) => name);
  const unexpected = failing.filter(([name]) => !Object.hasOwn(expected, name));
  const stale = Object.keys(expected).filter((name) => !names.includes(name));
  const missing = scored.filter((name) => !scenarios.has(name));

  for (const [name, checks] of unexpected) {
    say(`✗ ${revision} ${name}`);
    for (const { id, status, errorMessage } of checks) {
      if (status === 'FAILURE') say(`    ${id}: ${errorMessage?.slice(0, 1000) ?? ''}`);
    }
  }
  for (const name of stale) say(`✗ ${revision} ${name} passes: take it out of expected-failures.yaml`);
  for (const name of missing) say(`✗ ${revision} ${name} did not run`);
  for (const name of names) if (Object.hasOwn(expected, name)) say(`  ${revision} ${name}: ${expected[name]}`);

  const count = (of: readonly Check[], status: Status) => of.filter((check) => check.status === status).length;
  const all = [...scenarios.values()].flat();
  const passed = scored.filter((name) => scenarios.has(name) && !names.includes(name));
  say(
    `${revision}: ${passed.length} of ${scored.length} scored scenarios pass; of all ${scenarios.size}, ${names.length} fail, ` +
      `${names.length - unexpected.length} of them as listed; checks: ${count(all, 'SUCCESS')} pass, ${count(all, 'FAILURE')} fail`,
  );
  return unexpected.length + stale.length + missing.length;
}

/** The scenarios that the suite wants passed for a revision. */
function scoredScenarios(revision: string): string[] {
  const { server } = parse(readFileSync(path.join(suite, `requirements/${revision}.yaml`), 'utf8')) as {
    server: string[];
  };
  return server;
}

/** The checks that the suite wrote down, by scenario; its folders are named server-<scenario>-<time>. */
function readScenarios(directory: string): Map<string, Check[]> {
  const found = new Map<string, Check[]>();
  for (const folder of readdirSync(directory)) {
    const name = /^server-(.+?)-\d{4}-\d\d-\d\dT.*$/.exec(folder)?.[1];
    const file = path.join(directory, folder, 'checks.json');
    if (name !== undefined && existsSync(file)) found.set(name, JSON.parse(readFileSync(file, 'utf8')) as Check[]);
  }
  return found;
}

/** The suite is big and only this needs it: it has its own lock file here. */
async function install(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
  const installed = path.join(suite, 'package.json');
  const wanted = dependencies['@modelcontextprotocol/conformance'];
  if (existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === wanted) return;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // A lock file does not suit every registry: some offer fewer packages.
  if ((await run('npm', ['ci', ...quiet], here)) === 0) return;
  if ((await run('npm', ['install', '--no-save', ...quiet], here)) === 0) return;
  throw new Error('the conformance suite could not be installed');
}

function run(command: string, args: readonly string[], cwd?: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

process.exitCode = await main();

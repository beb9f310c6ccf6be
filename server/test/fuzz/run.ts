// Generated requests over all surfaces against a real server: npm run test:fuzz -- --count 100000 --seed 1
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { examine } from './aftermath.ts';
import { maxBodyBytes } from './from-wire.ts';
import { generate } from './generate.ts';
import { judge } from './oracle.ts';
import { createReport, type Report } from './report.ts';
import { type FuzzRequest, fromFile, type Surface, surfaces, toFile } from './request.ts';
import { send } from './send.ts';
import { startTarget, type Target } from './target.ts';

const help = `npm run test:fuzz -- [--seed <n>] [--count <n>] [--surface <name>[,…]] [--index <n>] [--replay <file>] [--json <file>]

Sends generated requests, valid, nearly valid and hostile, to a server of its own, and exits with 1 when one of them finds
something. The same seed makes the same requests; ids of datasets and jobs are put in as there are.

  --seed <n>       Which requests (default: at random; it is printed)
  --count <n>      How many (default: 3000)
  --surface <…>    Only these of ${surfaces.join(', ')}
  --index <n>      Only the request of this number, printed with its answer
  --replay <file>  Only the request in this file, as a finding left it
  --at-once <n>    How many wait for an answer at a time (default: 16)
  --json <file>    Writes a report in the form of the test runner's, one test a surface
`;

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      count: { type: 'string', default: '3000' },
      surface: { type: 'string', default: surfaces.join(',') },
      index: { type: 'string' },
      replay: { type: 'string' },
      'at-once': { type: 'string', default: '16' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const wanted = surfaces.filter((surface) => flags.surface.split(',').includes(surface));
  const [seed, count, atOnce] = [Number(flags.seed), Number(flags.count), Number(flags['at-once'])];
  const sound = wanted.length === flags.surface.split(',').length && [count, atOnce].every((number) => number >= 1);
  if (flags.help || !sound || !Number.isSafeInteger(seed)) {
    say(help);
    return flags.help ? 0 : 2;
  }
  const started = Date.now();
  const target = await startTarget(maxBodyBytes);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void target.stop().then(() => process.exit(1)));
  try {
    const report = createReport();
    const make = (index: number) => generate(seed, index, wanted, target.tools);
    if (flags.replay !== undefined) await alone(fromFile(readFileSync(flags.replay, 'utf8')), 0, target, report);
    else if (flags.index !== undefined) await alone(make(Number(flags.index)), Number(flags.index), target, report);
    else {
      say(`Seed ${seed}, ${count} requests over ${wanted.join(', ')}.`);
      await all(make, count, atOnce, target, report);
      for (const line of report.lines()) say(line);
    }
    const after = await examine(target);
    const only = wanted.length === surfaces.length ? '' : ` --surface ${flags.surface}`;
    const total = tell(report, after, `--seed ${seed}${only}`);
    if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(asTests(report, after, started)));
    return total === 0 ? 0 : 1;
  } finally {
    await target.stop();
  }
}

/** Sends one request and shows what came. */
async function alone(request: FuzzRequest, index: number, target: Target, report: Report): Promise<void> {
  const { answer, filled } = await ask(request, index, target, report);
  say(`${filled.method} ${filled.path}\n${filled.headers.map((header) => header.join(': ')).join('\n')}\n`);
  say(`${[filled.body, ...(filled.chunks ?? [])].map(String).join('\n')}\n`);
  say(`${answer.failure ?? ''}${answer.status}\n${answer.headers}\n\n${answer.text}`);
}

/** Sends all of them, so many at once, until the server is gone. */
async function all(
  make: (index: number) => FuzzRequest,
  count: number,
  atOnce: number,
  target: Target,
  report: Report,
): Promise<void> {
  const open = new Set<number>();
  const started = performance.now();
  let next = 0;
  let gone = false;
  const onExit = () => {
    gone = true;
    say(`The server is gone. These requests were open: ${[...open].join(', ')}.`);
  };
  target.server.child.once('exit', onExit);
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count && !gone) {
        const index = next;
        next += 1;
        if (index > 0 && index % 5000 === 0)
          say(`${index} after ${Math.round((performance.now() - started) / 1000)} s`);
        open.add(index);
        await ask(make(index), index, target, report);
        open.delete(index);
      }
    }),
  );
  target.server.child.off('exit', onExit);
  say(`${next} requests in ${Math.round((performance.now() - started) / 1000)} s.`);
}

async function ask(request: FuzzRequest, index: number, target: Target, report: Report) {
  const filled = fill(request, target);
  const answer = await send(filled, target.server.url, target.control);
  const verdict = judge(filled, answer, target.judge);
  report.add(index, request, answer, verdict);
  if (verdict.problems.length > 0) say(`✗ ${index}: ${verdict.problems.join('; ')}`);
  if (request.surface === 'tools' || request.surface === 'mcp') target.live.learn(answer.text);
  return { answer, filled };
}

function fill(request: FuzzRequest, { live }: Target): FuzzRequest {
  const text = (value: string) => live.fill(Buffer.from(value, 'latin1')).toString('latin1');
  return {
    ...request,
    path: text(request.path),
    headers: request.headers.map(([name, value]) => [name, text(value)] as const),
    body: live.fill(request.body),
    ...(request.chunks && { chunks: request.chunks.map(live.fill) }),
  };
}

/** Prints what was found, and keeps the requests in files. Answers how much it was. */
function tell({ findings }: Report, after: readonly string[], run: string): number {
  const directory = findings.length > 0 ? mkdtempSync(path.join(tmpdir(), 'tutti-fuzz-found-')) : '';
  for (const { index, request, problems, answer } of findings) {
    const file = path.join(directory, `${index}.json`);
    writeFileSync(file, toFile(request));
    say(`✗ ${request.surface} ${request.label} (${request.kind}): ${problems.join('; ')}`);
    say(`    ${run} --index ${index}, or --replay ${file}\n    ${answer.replaceAll('\n', '\n    ')}`);
  }
  for (const problem of after) say(`✗ ${problem}`);
  const total = findings.length + after.length;
  say(total === 0 ? `Fuzz: nothing found with ${run}.` : `Fuzz: ${total} findings with ${run}.`);
  return total;
}

/** The report as the test runner writes its own, so that one script adds them up: a test a surface, and one for the end. */
function asTests({ asked, findings }: Report, after: readonly string[], startTime: number) {
  const bad = new Set<Surface>(findings.map((finding) => finding.request.surface));
  const failed = bad.size + (after.length > 0 ? 1 : 0);
  return {
    numPassedTests: asked.size + 1 - failed,
    numFailedTests: failed,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ name: import.meta.filename, startTime, endTime: Date.now() }],
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();

import { readFileSync } from 'node:fs';
import { rssMb } from '../../src/capabilities/lake/engine/rss.ts';
import { runTutti } from '../support/serve-process.ts';
import type { Target } from './target.ts';

/** Far above what a server of this size takes; what leaks on every request gets there. */
const rssCeilingMb = 1500;

/** What is wrong with a server after all of its requests, each in a sentence. It is stopped by this. */
export async function examine({ server, dataDir, logFile, judge }: Target): Promise<string[]> {
  const problems: string[] = [];
  const { pid, exitCode } = server.child;
  if (exitCode !== null) return [`the server ended with ${exitCode}`, ...readLog(logFile, judge.secrets.values)];
  const ready = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(30_000) }).catch(() => undefined);
  if (ready?.status !== 200) problems.push(`/readyz answered ${ready?.status ?? 'nothing'}`);
  const rss = (pid && (await rssMb(pid))) || 0;
  if (rss > rssCeilingMb) problems.push(`the server takes ${Math.round(rss)} MB`);
  for (const command of [['audit', 'verify'], ['doctor']]) {
    const { code, output } = await runTutti([...command, '--data-dir', dataDir]);
    if (code !== 0) problems.push(`tutti ${command.join(' ')} ended with ${code}: ${output}`);
  }
  const code = await server.stop();
  if (code !== 0) problems.push(`the server ended with ${code} on SIGTERM`);
  return [...problems, ...readLog(logFile, judge.secrets.values)];
}

const error = 50;

/** Errors that were logged, what is no log line at all, and secrets; each kind once. */
function readLog(file: string, secrets: ReadonlyMap<string, string>): string[] {
  const log = readFileSync(file, 'utf8');
  const found = new Map<string, string>();
  for (const line of log.split('\n').filter(Boolean)) {
    try {
      const {
        level,
        msg,
        error: thrown,
      } = JSON.parse(line) as { level: number; msg: string; error?: { message?: string } };
      if (level >= error) found.set(`${msg}: ${String(thrown?.message).slice(0, 80)}`, line);
    } catch {
      found.set('no log line', line);
    }
  }
  const leaks = [...secrets].filter(([, value]) => log.includes(value)).map(([name]) => `the log holds ${name}`);
  return [...leaks, ...[...found].map(([kind, line]) => `in the log: ${kind}\n    ${line.slice(0, 3000)}`)];
}

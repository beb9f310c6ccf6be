import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { packagedBinaries } from './core/db/embedded-binaries.ts';
import { runningPostmaster } from './core/db/embedded-lock.ts';
import { directoryLock } from './core/db/server-lock.ts';
import type { Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';
import { examineDatabase, type Findings } from './doctor-queries.ts';
import { checkServers } from './doctor-servers.ts';
import { allMigrations } from './migrations.ts';

const readOnly = {
  options: '-c default_transaction_read_only=on',
  connectionTimeoutMillis: 5000,
  query_timeout: 10_000,
};
const rest = ['lock', 'migrations', 'clock', 'jobs', 'calls'] as const;

/** Checks the database as far as it can be reached; a PostgreSQL that does not run is not started for it. */
export async function checkDatabase(settings: Settings): Promise<Check[]> {
  const place = settings.database_url
    ? { config: { connectionString: settings.database_url } }
    : await embedded(settings.data_dir);
  if ('check' in place) return [place.check, ...skipped(), await checkServers(settings, [])];
  const client = new pg.Client({ ...place.config, ...readOnly, application_name: 'tutti doctor' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await examineDatabase(client, directoryLock(settings.data_dir));
    return [...judge(found, settings), await checkServers(settings, found.servers)];
  } catch (error) {
    const suggestion = settings.database_url
      ? 'Check database_url, and whether that server is up and lets this machine in.'
      : `Look into ${path.join(settings.data_dir, 'postgres', 'postgres.log')}; tutti serve starts it again.`;
    const message = `PostgreSQL does not answer: ${(error as Error).message}`;
    return [{ name: 'database', state: 'fail', message, suggestion }, ...skipped(), await checkServers(settings, [])];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** How to reach the PostgreSQL of a data directory, or what is in the way. */
async function embedded(dataDir: string): Promise<{ config: pg.ClientConfig } | { check: Check }> {
  const found = (check: Omit<Check, 'name'>) => ({ check: { name: 'database', ...check } });
  const elsewhere = (await readFile(path.join(dataDir, 'postgres.location'), 'utf8').catch(() => '')).trim();
  const home = elsewhere || path.join(dataDir, 'postgres');
  const data = path.join(home, 'data');
  const packaged = await packagedBinaries().catch(() => undefined);
  if (!packaged) {
    const suggestion = 'Install with optional packages, or give a server with --database-url.';
    return found({ state: 'fail', message: 'No PostgreSQL is installed for this platform.', suggestion });
  }
  const version = await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(
    (error) => error as NodeJS.ErrnoException,
  );
  if (typeof version !== 'string') {
    if (version.code === 'ENOENT' && !elsewhere) {
      return found({
        state: 'ok',
        message: `There is none yet; the first start makes one (PostgreSQL ${packaged.major}).`,
      });
    }
    const suggestion = 'Run as the user who made it, or bring that directory back.';
    return found({ state: 'fail', message: `${home} cannot be read (${version.code}).`, suggestion });
  }
  const major = Number.parseInt(version, 10);
  if (major !== packaged.major) {
    const suggestion =
      'Back it up with the release that made it, and restore that with this one: see docs/operations.md.';
    const message = `It is of PostgreSQL ${major}; this release brings ${packaged.major}.`;
    return found({ state: 'fail', message, suggestion });
  }
  const running = await runningPostmaster(data);
  if (!running)
    return found({ state: 'ok', message: `The embedded PostgreSQL ${major} is not running; tutti serve starts it.` });
  const password = (await readFile(path.join(home, 'password'), 'utf8').catch(() => '')).trim();
  return { config: { host: running.socketDir, port: 5432, ssl: false, user: 'tutti', password, database: 'tutti' } };
}

function judge(found: Findings, settings: Settings): Check[] {
  const kind = settings.database_url ? 'PostgreSQL' : 'The embedded PostgreSQL';
  const supported = found.major >= 15;
  return [
    {
      name: 'database',
      state: supported ? 'ok' : 'fail',
      message: `${kind} ${found.major} answers.`,
      ...(!supported && { suggestion: 'Use PostgreSQL 15 or newer.' }),
    },
    {
      name: 'lock',
      state: 'ok',
      message: found.holder ? `A server holds this directory (${found.holder}).` : 'No server holds this directory.',
    },
    judgeMigrations(found.migrations),
    judgeClock(found.skewS),
    {
      name: 'jobs',
      state: found.failed > 0 ? 'warn' : 'ok',
      message: `${found.queued} queued, ${found.running} running, ${found.failed} failed in the last day.`,
      ...(found.failed > 0 && { suggestion: 'See why with: tutti call list_jobs --state failed' }),
    },
    {
      name: 'calls',
      state: found.inDoubt > 0 ? 'warn' : 'ok',
      message: found.inDoubt > 0 ? `${found.inDoubt} calls are in doubt.` : 'No call is in doubt.',
      ...(found.inDoubt > 0 && {
        suggestion: 'Find out at the other side what became of each, then call resolve_in_doubt_call.',
      }),
    },
  ];
}

function judgeMigrations(done: readonly string[]): Check {
  const name = 'migrations';
  const known = allMigrations.flatMap((slice) => Object.keys(slice));
  const unknown = done.filter((one) => !known.includes(one));
  const missing = known.filter((one) => !done.includes(one));
  if (unknown.length > 0) {
    const message = `A newer release has changed the tables (${unknown.join(', ')}).`;
    return { name, state: 'fail', message, suggestion: 'Use that release or a newer one.' };
  }
  if (missing.length === 0) return { name, state: 'ok', message: `All ${known.length} are done.` };
  const message = `${missing.length} are still to be done: ${missing.join(', ')}.`;
  return { name, state: 'warn', message, suggestion: 'Take a backup; the next start of this release does them.' };
}

function judgeClock(skewS: number): Check {
  const off = Math.abs(skewS);
  const message = `This machine and the database differ by ${off.toFixed(1)} s.`;
  if (off < 2) return { name: 'clock', state: 'ok', message };
  return { name: 'clock', state: off < 60 ? 'warn' : 'fail', message, suggestion: 'Keep both clocks by NTP.' };
}

function skipped(): Check[] {
  return rest.map((name) => ({ name, state: 'skip', message: 'The database does not run or cannot be reached.' }));
}

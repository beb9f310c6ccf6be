import { existsSync } from 'node:fs';
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { makeDataDir } from './core/data-dir.ts';
import { type Connection, type Db, openDatabase } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { directoryLock, takeServerLock } from './core/db/server-lock.ts';
import { AppError, errorRow } from './core/errors.ts';
import { createLog, type Logger } from './core/log.ts';
import { readSettings, type Settings, SettingsError } from './core/settings.ts';

/** The flags by which every command that works on the database finds it, for `parseArgs`. */
export const databaseFlags = {
  'data-dir': { type: 'string' },
  'database-url': { type: 'string' },
  'keys-dir': { type: 'string' },
  config: { type: 'string' },
} as const;

const common = { ...databaseFlags, help: { type: 'boolean', short: 'h', default: false } } as const;

export type Options = NonNullable<ParseArgsConfig['options']>;
type Config<O extends Options> = { args: string[]; allowPositionals: true; options: O & typeof common };

/** The flags of a command, with those that every command has. */
export type Flags<O extends Options> = ReturnType<typeof parseArgs<Config<O>>>['values'];

/**
 * Makes a command of its help, which begins with its name, its own flags and its work. `run` gets the flags and the other
 * words, and answers the exit code; undefined where the words make no sense, which shows the help.
 */
export function command<const O extends Options>(
  help: string,
  options: O,
  run: (flags: Flags<O>, words: readonly string[]) => number | undefined | Promise<number | undefined>,
): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    try {
      const { values: flags, positionals } = parse(help, { ...common, ...options }, args);
      const helped = flags.help === true;
      // The types of generic flags are known to who calls only.
      const code = helped ? 0 : await run(flags as Flags<O>, positionals);
      if (helped) process.stdout.write(help);
      else if (code === undefined) process.stderr.write(help);
      return code ?? 2;
    } catch (error) {
      return report(error);
    }
  };
}

function parse(help: string, options: Options, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [name] = help.split(':', 1);
    throw badInput(`${(error as Error).message.split('. ')[0]}.`, `See: ${name} --help`);
  }
}

/** The settings behind those flags, read as `tutti serve` reads them. */
export function settingsOf(flags: Readonly<Partial<Record<keyof typeof databaseFlags, string | undefined>>>): Settings {
  const own = (['data-dir', 'database-url', 'keys-dir', 'config'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  return readSettings(own);
}

/** Whether there is a database to work on; an embedded one is made at the first start of the server. */
export function hasDatabase({ database_url: url, data_dir: dataDir }: Settings): boolean {
  return url !== undefined || ['postgres', 'postgres.location'].some((name) => existsSync(path.join(dataDir, name)));
}

/** A command that only looks makes no database. */
export function mustHaveDatabase(settings: Settings): void {
  if (hasDatabase(settings)) return;
  throw new AppError(
    'NOT_FOUND',
    `There is no database in ${settings.data_dir}.`,
    'Name the data directory of a server with --data-dir, or its database with --database-url.',
  );
}

/** Runs `work` on the database. A PostgreSQL that was started for it is stopped again, unless a server took it up. */
export async function withConnection<T>(
  settings: Settings,
  work: (to: Connection, log: Logger) => Promise<T>,
): Promise<T> {
  const { database_url: connectionString, data_dir: dataDir } = settings;
  const log = createLog('warn');
  if (connectionString) return work({ connectionString }, log);
  makeDataDir(dataDir);
  const embedded = await openEmbedded(dataDir, log);
  try {
    return await work(embedded.connection, log);
  } finally {
    if (!embedded.adopted) await stopUnlessServed(embedded, dataDir, log);
  }
}

/** The same, through a pool. */
export function withDatabase<T>(settings: Settings, work: (db: Db) => Promise<T>): Promise<T> {
  return withConnection(settings, async (connection, log) => {
    const { db, close } = openDatabase(connection, log, { max: 4 });
    try {
      return await work(db);
    } finally {
      await close();
    }
  });
}

async function stopUnlessServed(embedded: EmbeddedPostgres, dataDir: string, log: Logger): Promise<void> {
  // The name under which a server holds its directory: see openStorage in storage.ts.
  const lock = await takeServerLock(embedded.connection, [directoryLock(dataDir)], log);
  if (!lock) return;
  await lock.release();
  await embedded.stop();
}

export function badInput(message: string, suggestion: string): AppError {
  return new AppError('VALIDATION_FAILED', message, suggestion);
}

/** Says on stderr why a command failed, and answers its exit code. */
function report(error: unknown): number {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (error instanceof AppError) {
    process.stderr.write(`${error.message} ${error.suggestion}\n`);
    return errorRow(error.code).exit;
  }
  process.stderr.write(`The command failed: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}

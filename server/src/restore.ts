import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type CheckedBackup, checkBackup } from './backup/check.ts';
import { loadDatabase, loadFiles, requireKnown } from './backup/load.ts';
import { describeBackup } from './backup.ts';
import { badInput, databaseFlags, report, settingsOf } from './command.ts';
import { makeDataDir } from './core/data-dir.ts';
import { openEmbedded } from './core/db/embedded.ts';
import { directoryLock, takeServerLock } from './core/db/server-lock.ts';
import { AppError } from './core/errors.ts';
import { createLog, type Logger } from './core/log.ts';
import type { Settings } from './core/settings.ts';

const help = `tutti restore: makes a data directory from a file that tutti backup wrote.

  tutti restore <file> --data-dir <empty directory>
  tutti restore <file> --dry-run        only checks the file

Every byte is checked before anything is made. Jobs that were waiting or running go on when the restored directory is
served: do not serve it beside the one that it was taken from.

  --database-url <url>   an empty database to use instead of the embedded one
  --config               as for tutti serve
`;

/** `tutti restore <file>`. Answers the exit code. */
export async function restore(args: readonly string[]): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    if (flags.help) {
      process.stdout.write(help);
      return 0;
    }
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) {
      process.stderr.write(help);
      return 2;
    }
    const settings = settingsOf(flags);
    if (!flags['dry-run']) await requireEmptyDirectory(settings.data_dir);
    const backup = await checkBackup(file);
    requireKnown(backup.manifest);
    if (flags['dry-run']) {
      process.stdout.write(`${file} is whole: ${describeBackup(backup.manifest)}.\n`);
      return 0;
    }
    await bringBack(backup, settings, createLog('warn'));
    process.stdout.write(
      `Restored ${describeBackup(backup.manifest)} to ${settings.data_dir}.\nStart it with: tutti serve --data-dir ${settings.data_dir}\n`,
    );
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** All of it, or the directory is as empty as before. */
async function bringBack(backup: CheckedBackup, settings: Settings, log: Logger): Promise<void> {
  const { data_dir: dataDir, database_url: url } = settings;
  makeDataDir(dataDir);
  const embedded = url ? undefined : await openEmbedded(dataDir, log);
  const connection = embedded?.connection ?? { connectionString: url as string };
  try {
    const lock = await takeServerLock(connection, [directoryLock(dataDir)], log);
    if (!lock) throw new AppError('CONFLICT', `A server has ${dataDir}.`, 'Stop it, or choose another directory.');
    try {
      await loadFiles(backup, dataDir);
      await loadDatabase(backup, connection, log);
    } finally {
      await lock.release();
    }
  } catch (error) {
    await embedded?.stop();
    const elsewhere = (await readFile(path.join(dataDir, 'postgres.location'), 'utf8').catch(() => '')).trim();
    if (elsewhere) await rm(elsewhere, { recursive: true, force: true });
    for (const name of await readdir(dataDir)) await rm(path.join(dataDir, name), { recursive: true, force: true });
    throw error;
  }
  await embedded?.stop();
}

async function requireEmptyDirectory(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw badInput(`${directory} cannot be read: ${error.code}.`, 'Name an empty directory with --data-dir.');
  });
  if (names.length === 0) return;
  throw new AppError(
    'CONFLICT',
    `${directory} is not empty; a restore never mixes with what is there.`,
    'Name a directory that is empty or does not exist yet with --data-dir.',
  );
}

function readFlags(args: readonly string[]) {
  try {
    const options = {
      ...databaseFlags,
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw badInput(`${(error as Error).message.split('. ')[0]}.`, 'See: tutti restore --help');
  }
}

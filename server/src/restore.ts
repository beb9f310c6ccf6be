import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { requireObjects, requireSameKind } from './backup/bucket.ts';
import { type CheckedBackup, checkBackup } from './backup/check.ts';
import { loadDatabase, loadFiles, requireKnown } from './backup/load.ts';
import { describeBackup } from './backup.ts';
import { badInput, command, settingsOf } from './command.ts';
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
  --without-objects      restore although objects are missing from the bucket
  --config               as for tutti serve
`;

const options = { 'dry-run': { type: 'boolean' }, 'without-objects': { type: 'boolean' } } as const;

/** `tutti restore <file>`. Answers the exit code. */
export const restore = command(help, options, async (flags, [file, ...others]) => {
  if (file === undefined || others.length > 0) return undefined;
  const settings = settingsOf(flags);
  if (!flags['dry-run']) await requireEmptyDirectory(settings.data_dir);
  const backup = await checkBackup(file);
  requireKnown(backup.manifest);
  if (flags['dry-run']) {
    process.stdout.write(`${file} is whole: ${describeBackup(backup.manifest)}.\n`);
    return 0;
  }
  requireSameKind(backup.manifest, settings);
  await bringBack(backup, settings, createLog('warn'), flags['without-objects'] !== true);
  process.stdout.write(
    `Restored ${describeBackup(backup.manifest)} to ${settings.data_dir}.\nStart it with: tutti serve --data-dir ${settings.data_dir}\n`,
  );
  return 0;
});

/** All of it, or the directory is as empty as before. */
async function bringBack(backup: CheckedBackup, settings: Settings, log: Logger, whole: boolean): Promise<void> {
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
      if (whole && backup.manifest.bucket !== undefined) await requireObjects(connection, settings);
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

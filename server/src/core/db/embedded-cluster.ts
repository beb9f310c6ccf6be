import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { syncPath, writeDurably } from '../files.ts';
import type { Logger } from '../log.ts';
import { type Binaries, packagedBinaries, runBinary, usableBinaries } from './embedded-binaries.ts';
import { errorCode, makeWhole, removeLeftovers } from './embedded-fresh.ts';
import { canEnter, isRoot, type ServiceUser, serviceUser } from './embedded-user.ts';

/** A cluster on disk and all that is needed to run it. */
export interface Cluster {
  /** Holds `data/`, `run/`, the passwords and the log. */
  readonly home: string;
  readonly data: string;
  readonly socketDir: string;
  readonly password: string;
  readonly binaries: Binaries;
  /** Set when Tutti is root: PostgreSQL runs as the owner of the cluster. */
  readonly user: ServiceUser | undefined;
}

interface Site {
  readonly home: string;
  readonly user: ServiceUser | undefined;
}

const clustersOfRoot = '/var/lib/tutti/clusters';
const socketName = '.s.PGSQL.5432';
const maxSocketPath = process.platform === 'darwin' ? 103 : 107;

/** Finds or makes the cluster of a data directory. It exists whole or not at all, however many try and get killed. */
export async function prepareCluster(dataDir: string, log: Logger): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const root = await realpath(dataDir);
  const { home, user } = await chooseSite(root, log);
  const packaged = await packagedBinaries();
  await removeLeftovers(home, log);
  // Judged before any binaries are copied or run: another major makes both pointless.
  let major = await clusterMajor(home);
  const binaries =
    major === undefined || major === packaged.major
      ? await usableBinaries(packaged, dirname(home), user, log)
      : packaged;
  if (major === undefined) {
    await makeWhole(home, (fresh) => makeCluster(fresh, binaries, user));
    major = await clusterMajor(home);
  }
  requireMajor(home, major, binaries.major);
  await recordLocation(root, home, log);
  const data = join(home, 'data');
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  return { home, data, password, binaries, user, socketDir: await chooseSocketDir(root, home, user) };
}

/** The directory of the cluster and the account it runs under. An existing cluster decides both. */
async function chooseSite(root: string, log: Logger): Promise<Site> {
  const beside = join(root, 'postgres');
  const recorded = (await readFile(join(root, 'postgres.location'), 'utf8').catch(() => '')).trim();
  for (const home of recorded ? [beside, recorded] : [beside]) {
    const owner = await stat(join(home, 'data')).catch(() => undefined);
    if (!owner) continue;
    const user = isRoot() && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : undefined;
    if (user && !(await canEnter(user, home))) {
      throw new AppError(
        'UNAVAILABLE',
        `The account of PostgreSQL (uid ${user.uid}) can no longer reach ${home}.`,
        'Give every directory on that path the permission to be entered (chmod o+x), then start again.',
      );
    }
    return { home, user };
  }
  if (recorded) {
    // Never a new, empty database in place of one that has gone missing, say because a volume is not mounted.
    throw new AppError(
      'UNAVAILABLE',
      `The database of ${root} is in ${recorded}, which cannot be read.`,
      `Start as the user who made it, bring that directory back, or restore a backup with tutti restore.`,
    );
  }
  if (!isRoot()) return { home: beside, user: undefined };
  const user = await serviceUser(log);
  if (await canEnter(user, root)) return { home: beside, user };
  for (const dir of [dirname(clustersOfRoot), clustersOfRoot]) await openToAll(dir);
  return { home: join(clustersOfRoot, hash(root)), user };
}

/** Makes a directory of ours that others can walk through, not list. */
async function openToAll(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const { mode, uid } = await stat(dir);
  if (uid === 0 && (mode & 0o011) !== 0o011) await chmod(dir, (mode & 0o777) | 0o011);
}

async function recordLocation(root: string, home: string, log: Logger): Promise<void> {
  const file = join(root, 'postgres.location');
  if (dirname(home) === root || (await stat(file).catch(() => undefined))) return;
  log.info({ home }, 'the account of PostgreSQL cannot enter the data directory: the database is elsewhere');
  await writeDurably(file, `${home}\n`);
  await syncPath(root);
}

async function makeCluster(fresh: string, binaries: Binaries, user: ServiceUser | undefined): Promise<void> {
  await chmod(fresh, user ? 0o711 : 0o700);
  const data = join(fresh, 'data');
  for (const dir of [data, join(fresh, 'run')]) {
    await mkdir(dir, { mode: 0o700 });
    if (user) await chown(dir, user.uid, user.gid);
  }
  const [superuser, password] = [secret(), secret()];
  await writeDurably(join(fresh, 'superuser.password'), `${superuser}\n`);
  await writeDurably(join(fresh, 'password'), `${password}\n`);
  const passwordFile = join(fresh, 'initdb.password');
  await writeDurably(passwordFile, `${superuser}\n`);
  if (user) await chown(passwordFile, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await runBinary(binaries, 'initdb', [`--pgdata=${data}`, ...access, ...locale, '--no-instructions'], user);
  await rm(passwordFile);
  // Single-user mode: no socket and no second start, and one command a line. Its log must not quote the password.
  const quiet = ['-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', '-c', 'log_checkpoints=off'];
  const role = `CREATE ROLE tutti LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD '${password}';\n`;
  // Renamed, not made: copying a database costs more than all else here, and nobody needs the empty one.
  const database = 'ALTER DATABASE postgres RENAME TO tutti;\nALTER DATABASE tutti OWNER TO tutti;\n';
  await runBinary(binaries, 'postgres', ['--single', '-D', data, ...quiet, 'template1'], user, role + database);
  await syncPath(fresh);
}

async function clusterMajor(home: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(home, 'data', 'PG_VERSION'), 'utf8'), 10);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    const suggestion = 'Start as the user who made it, or choose another data directory with --data-dir.';
    throw new AppError('UNAVAILABLE', `The database in ${home} cannot be read.`, suggestion, undefined, { cause });
  }
}

function requireMajor(home: string, found: number | undefined, wanted: number): void {
  if (found === wanted) return;
  if (found === undefined) {
    const suggestion = 'Move that directory away, or choose another data directory with --data-dir.';
    throw new AppError('UNAVAILABLE', `${home} exists but holds no database.`, suggestion);
  }
  throw new AppError(
    'UNAVAILABLE',
    `The database in ${home} is of PostgreSQL ${found}; this release brings ${wanted}.`,
    'Start it with the release that made it, or choose another data directory with --data-dir.',
  );
}

/** A directory for the socket that its path fits into: within the cluster, or a short one for temporary files. */
async function chooseSocketDir(root: string, home: string, user: ServiceUser | undefined): Promise<string> {
  const inside = join(home, 'run');
  const places = [tmpdir(), '/tmp'].map((place) => realpath(place).catch(() => undefined));
  const shorts = (await Promise.all(places)).flatMap((place) => (place ? [join(place, `tutti-${hash(root)}`)] : []));
  for (const dir of [inside, ...shorts]) {
    if (Buffer.byteLength(join(dir, socketName)) > maxSocketPath) continue;
    if (user && !(await canEnter(user, dirname(dir)))) continue;
    return dir;
  }
  throw new AppError(
    'UNAVAILABLE',
    'No directory for the socket of PostgreSQL has a path that is short enough.',
    'Choose a data directory with a shorter path with --data-dir.',
  );
}

/** Makes the socket's directory. In a shared place somebody may have made one of that name first: it is then refused. */
export async function ensureSocketDir(dir: string, user: ServiceUser | undefined): Promise<void> {
  const us = process.getuid?.() ?? 0;
  await mkdir(dir, { mode: 0o700 }).catch((error) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  const found = await lstat(dir);
  const owners = user ? [user.uid, us] : [us];
  if (!found.isDirectory() || !owners.includes(found.uid) || (found.mode & 0o077) !== 0) {
    throw new AppError(
      'UNAVAILABLE',
      `${dir} is not a directory of this user alone, so PostgreSQL cannot put its socket there.`,
      'Remove it, or choose a data directory with a shorter path with --data-dir.',
    );
  }
  if (user && found.uid !== user.uid) await chown(dir, user.uid, user.gid);
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

function hash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** The account under which PostgreSQL runs when Tutti itself is root, whom PostgreSQL refuses. */
export interface ServiceUser {
  readonly uid: number;
  readonly gid: number;
}

const exec = promisify(execFile);
const name = 'tutti-postgres';

/** How to make the account: the shadow tools first, then busybox. */
const makers: readonly (readonly string[][])[] = [
  [['useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]],
  [
    ['addgroup', '-S', name],
    ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', '-G', name, name],
  ],
];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Finds the dedicated system account, or makes it.
 * Where none can be made it is `nobody`, with a warning: other daemons of that account could then reach the cluster.
 */
export async function serviceUser(log: Logger): Promise<ServiceUser> {
  const known = await lookUp(name);
  if (known) return known;
  for (const commands of makers) {
    for (const [tool = '', ...args] of commands) await exec(tool, args).catch(() => undefined);
    // Looked up whatever the tool said: another process may have been the one to make it.
    const made = await lookUp(name);
    if (made) return made;
  }
  const nobody = await lookUp('nobody');
  if (!nobody) {
    throw new AppError(
      'UNAVAILABLE',
      'There is no account to run PostgreSQL under, and it refuses to run as root.',
      `Make a system account named ${name}, run Tutti as an ordinary user, or give a server with --database-url.`,
    );
  }
  log.warn(`no account ${name} and none could be made: PostgreSQL runs as nobody, which other daemons may share`);
  return nobody;
}

async function lookUp(account: string): Promise<ServiceUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([exec('id', ['-u', account]), exec('id', ['-g', account])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether the account may enter a directory, judged by the modes of it and of all that lead to it. ACLs are not seen. */
export async function canEnter(user: ServiceUser, directory: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || canEnter(user, parent);
}

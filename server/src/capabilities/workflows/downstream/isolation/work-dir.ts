import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { canEnter } from '../../../../core/db/embedded-user.ts';
import { AppError } from '../../../../core/errors.ts';
import { accountOf } from './account.ts';

export interface WorkDir {
  readonly directory: string;
  /** The user that owns it, where each server has one. */
  readonly uid: number | undefined;
}

let making: Promise<unknown> = Promise.resolve();

/**
 * Makes the working directory of a server, which nobody else may enter. What a server left there stays. One after the
 * other, so that no two that start at once take the same user.
 */
export function makeWorkDir(serversDir: string, name: string, users: boolean): Promise<WorkDir> {
  const made = making.then(() => make(serversDir, name, users));
  making = made.catch(() => undefined);
  return made;
}

async function make(serversDir: string, name: string, users: boolean): Promise<WorkDir> {
  mkdirSync(serversDir, { recursive: true, mode: users ? 0o711 : 0o700 });
  const directory = path.join(serversDir, name);
  if (!users) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return { directory, uid: undefined };
  }
  const uid = await accountOf(serversDir, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!lstatSync(directory).isDirectory()) throw notEntered(directory);
  chownSync(directory, uid, uid);
  chmodSync(directory, 0o700);
  if (!(await canEnter({ uid, gid: uid }, directory))) throw notEntered(directory);
  return { directory, uid };
}

function notEntered(directory: string): AppError {
  return new AppError(
    'UNAVAILABLE',
    `A downstream server, which runs as a user of its own, cannot enter ${directory}.`,
    'Let others pass through the directories above it (chmod o+x), or name another place by workflows.servers_dir.',
  );
}

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../../core/errors.ts';

const exec = promisify(execFile);

/** Numbers that distributions give to nobody; the second range lies within the 65,536 that a container may have in all. */
const ranges = [
  [70_000, 79_999],
  [61_184, 65_519],
] as const;

/**
 * The user of a server: a number without an account, for the directory that it owns remembers whose it is. No two
 * servers share one, so that none can look into another.
 */
export async function accountOf(serversDir: string, name: string): Promise<number> {
  const owned = ownerOf(path.join(serversDir, name));
  const [first, last] = usableRange();
  if (owned !== undefined && owned >= first && owned <= last) return owned;
  const taken = new Set(readdirSync(serversDir).map((other) => ownerOf(path.join(serversDir, other))));
  for (let uid = first; uid <= last; uid += 1) {
    if (!taken.has(uid) && !(await hasAccount(uid)) && claim(serversDir, uid, name)) return uid;
  }
  throw new AppError(
    'UNAVAILABLE',
    'There is no free user number for a downstream server.',
    'Remove what servers left that are no longer declared, and their numbers in .users: see workflows.servers_dir.',
  );
}

/**
 * Takes a number for a server, unless another one has it. Processes that share the directory may ask at once: a link is made
 * with what it says, or not at all.
 */
export function claim(serversDir: string, uid: number, name: string): boolean {
  const users = path.join(serversDir, '.users');
  mkdirSync(users, { recursive: true, mode: 0o700 });
  const link = path.join(users, String(uid));
  try {
    symlinkSync(name, link);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readlinkSync(link) === name;
  }
}

function usableRange(): (typeof ranges)[number] {
  return ranges.find(([, last]) => mapsUser(last)) ?? ranges[0];
}

/** Whether the user namespace of this process has that number; each line is its first, the one outside, and how many. */
function mapsUser(uid: number): boolean {
  let text: string;
  try {
    text = readFileSync('/proc/self/uid_map', 'utf8');
  } catch {
    return true;
  }
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return lines.some(([first = 0, , count = 0]) => uid >= first && uid < first + count);
}

async function hasAccount(uid: number): Promise<boolean> {
  try {
    await exec('id', ['-un', String(uid)]);
    return true;
  } catch {
    return false;
  }
}

function ownerOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.uid;
}

import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DownstreamServer } from '../../../../core/workflows-settings.ts';
import { DownstreamError } from '../types.ts';
import { findCommand, findSystemTool } from './find-command.ts';
import { findWalls, namespaceArgs, type Walls } from './walls.ts';
import { makeWorkDir } from './work-dir.ts';

/** How a child is started: what `spawn` takes. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Premises {
  /** Where servers have their working directories; none of `hidden`. */
  readonly serversDir: string;
  /** Directories and files that no child may see, as they are now. */
  readonly hidden: () => Promise<readonly string[]>;
}

/**
 * Plans the start of a server that is a command: with the environment that is given and nothing of ours, in its own
 * directory, as a user of its own where we are root, and in namespaces in which what is hidden is an empty place.
 */
export async function planLaunch(
  server: DownstreamServer,
  env: Readonly<Record<string, string>>,
  premises: Premises,
): Promise<Launch> {
  const command = findCommand(server.command ?? '');
  if (command === undefined) {
    throw new DownstreamError(
      'unreachable',
      `There is no program ${server.command}.`,
      false,
      'Have the operator install it, or name it by its absolute path.',
    );
  }
  const walls = await findWalls();
  const free = server.isolation === 'none';
  if (walls.kind === 'nothing' && !free) throw noWalls();
  const { directory, uid } = await makeWorkDir(premises.serversDir, server.name, walls.users && !free);
  // Many programs take relative paths for those of their own files, so a declaration may name the directory.
  const here = (text: string) => text.replaceAll('{work_dir}', directory);
  const inner = [command, ...server.args.map(here)];
  const base = {
    cwd: directory,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])),
  };
  const within = (words: readonly string[]) => ({ ...base, ...asCommand(bounded(server, words)) });
  if (free) return within(mortal(walls, inner));
  if (walls.kind === 'namespaces') return within(mortal(walls, hide(walls, uid, await premises.hidden(), inner)));
  if (walls.setpriv !== undefined) return within([...become(walls.setpriv, uid), ...inner]);
  return { ...within(inner), ...(uid !== undefined && { uid, gid: uid }) };
}

/** The command with a bound on the memory that it, and each process that it starts, may map to write to. */
function bounded({ memory_mb: megabytes }: DownstreamServer, inner: readonly string[]): readonly string[] {
  const prlimit = findSystemTool('prlimit');
  return prlimit === undefined ? inner : [prlimit, `--data=${megabytes * 2 ** 20}`, '--core=0', '--', ...inner];
}

/** The command, ended by the kernel with the process that starts it. */
function mortal({ setpriv }: Walls, inner: readonly string[]): readonly string[] {
  return setpriv === undefined ? inner : [setpriv, '--pdeathsig', 'KILL', '--', ...inner];
}

/**
 * Hides each place behind an empty one that nobody may enter, and takes from the shell what it adds to the environment. Its
 * first argument says how many places there are.
 */
const script = `n=$1; shift
while [ "$n" -gt 0 ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o size=4k,mode=0 tmpfs "$1" || exit 126
  else mount --bind /dev/null "$1" || exit 126; fi
  shift; n=$((n - 1))
done
exec env -u PWD -u OLDPWD -u SHLVL -u _ "$@"`;

function hide(walls: Walls, uid: number | undefined, hidden: readonly string[], inner: readonly string[]): string[] {
  const places = outermost(hidden.filter((place) => statSync(place, { throwIfNoEntry: false }) !== undefined));
  const [unshare = '', shell = ''] = [findSystemTool('unshare'), findSystemTool('sh')];
  return [
    ...[unshare, ...namespaceArgs(walls.users), '--'],
    ...[shell, '-c', script, 'sh', String(places.length), ...places],
    ...become(walls.setpriv ?? '', uid),
    ...inner,
  ];
}

/** Drops all that a process could regain power by; with it the right to take the mounts away. */
function become(setpriv: string, uid: number | undefined): string[] {
  const user = uid === undefined ? [] : ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  const powers = ['--no-new-privs', '--inh-caps', '-all', '--bounding-set', '-all'];
  return [setpriv, ...user, ...powers, '--pdeathsig', 'KILL', '--'];
}

/** The places that lie in no other of them: what is in a hidden one is hidden with it. */
function outermost(places: readonly string[]): string[] {
  const real = [...new Set(places.map((place) => realpathSync(place)))];
  return real.filter((place) => !real.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
}

function asCommand([file = '', ...args]: readonly string[]) {
  return { file, args };
}

function noWalls(): DownstreamError {
  return new DownstreamError(
    'unreachable',
    'This machine lets no ordinary user make namespaces, so nothing would keep the server from the data directory.',
    false,
    'Have the operator allow user namespaces, run Tutti as root, or say `isolation: none` for a server that is trusted.',
  );
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRoot } from '../../../../core/db/embedded-user.ts';
import { findSystemTool } from './find-command.ts';

const exec = promisify(execFile);
const probeMs = 10_000;

/** What this machine lets us put around a child. */
export interface Walls {
  /**
   * `namespaces`: it sees no process but its own and not our directories; `account`: it runs as a user of its own, which only
   * root can give it; `nothing`: neither can be had.
   */
  readonly kind: 'namespaces' | 'account' | 'nothing';
  /** Whether each child can have a user of its own besides. */
  readonly users: boolean;
  /** Ends a child with the process that started it, however that ends. */
  readonly setpriv: string | undefined;
}

/** As root each child is a user of its own, and the namespaces are ours; else a namespace of users makes the others possible. */
export function namespaceArgs(root: boolean): string[] {
  const common = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return root ? common : ['--user', '--map-root-user', ...common];
}

let found: Promise<Walls> | undefined;

/** Looks once what this machine can: containers and hardened kernels often forbid namespaces. */
export function findWalls(): Promise<Walls> {
  found ??= look();
  return found;
}

async function look(): Promise<Walls> {
  const root = isRoot();
  const setpriv = await workingSetpriv();
  const [unshare, shell] = [findSystemTool('unshare'), findSystemTool('sh')];
  if (setpriv !== undefined && unshare !== undefined && shell !== undefined && (await canHide(unshare, shell, root))) {
    return { kind: 'namespaces', users: root, setpriv };
  }
  return { kind: root ? 'account' : 'nothing', users: root, setpriv };
}

/** That of busybox knows no signal at the death of the parent. */
async function workingSetpriv(): Promise<string | undefined> {
  const setpriv = findSystemTool('setpriv');
  const probe = ['--pdeathsig', 'KILL', '--no-new-privs', '--', '/bin/sh', '-c', ':'];
  return setpriv !== undefined && (await succeeds(setpriv, probe)) ? setpriv : undefined;
}

/** Makes the namespaces and a mount in them, for some systems allow the one and not the other. */
function canHide(unshare: string, shell: string, root: boolean): Promise<boolean> {
  return succeeds(unshare, [...namespaceArgs(root), '--', shell, '-c', 'mount -t tmpfs -o size=4k,mode=0 tmpfs /proc']);
}

async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  try {
    await exec(file, [...args], { timeout: probeMs, env: {}, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

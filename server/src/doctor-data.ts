import { readdirSync, statfsSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { readServerInfo } from './core/data-dir.ts';
import { isAlive } from './core/db/embedded-fresh.ts';
import { keysDirectory } from './core/key-files.ts';
import type { Settings } from './core/settings.ts';
import type { Check } from './doctor-check.ts';

const gigabyte = 2 ** 30;

export function checkDataDir({ data_dir: directory }: Settings): Check[] {
  const found = statOf(directory);
  const name = 'data_dir';
  if (!found) {
    return [{ name, state: 'ok', message: `${directory} does not exist yet; the first start makes it.` }];
  }
  if (!found.isDirectory()) {
    return [
      { name, state: 'fail', message: `${directory} is no directory.`, suggestion: 'Choose another --data-dir.' },
    ];
  }
  // As root others may pass through, for PostgreSQL there has a user of its own; nobody else may list or write.
  const open = (found.mode & 0o066) !== 0;
  const us = process.getuid?.();
  if (us !== undefined && us !== 0 && found.uid !== us) {
    const suggestion = 'Run Tutti as that user, or choose another --data-dir.';
    return [{ name, state: 'fail', message: `${directory} belongs to another user (uid ${found.uid}).`, suggestion }];
  }
  if (open) {
    const mode = (found.mode & 0o777).toString(8);
    const suggestion = `chmod go-rw ${directory}`;
    return [{ name, state: 'warn', message: `${directory} is open to other users (mode ${mode}).`, suggestion }];
  }
  return [{ name, state: 'ok', message: directory }];
}

/** Keys and the administrator's token must be readable by their owner, and by nobody else. */
export function checkKeys(settings: Settings): Check[] {
  const keys = keysDirectory(settings);
  const files = [...namesIn(keys).map((name) => path.join(keys, name)), path.join(settings.data_dir, 'admin.token')];
  const found = files.filter((file) => statOf(file));
  if (found.length === 0)
    return [{ name: 'keys', state: 'ok', message: 'There are none yet; the first start makes them.' }];
  const open = found.filter((file) => ((statOf(file)?.mode ?? 0) & 0o077) !== 0);
  if (open.length === 0)
    return [{ name: 'keys', state: 'ok', message: `${found.length} files, readable by their owner only.` }];
  return open.map((file) => ({
    name: 'keys',
    state: 'fail' as const,
    message: `${file} can be read by others.`,
    suggestion: `chmod 600 ${file}, then rotate what it holds if anybody may have read it.`,
  }));
}

export function checkDisk({ data_dir: directory }: Settings): Check {
  let place = directory;
  while (!statOf(place) && path.dirname(place) !== place) place = path.dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const message = `${(free / gigabyte).toFixed(1)} GiB free at ${place}.`;
  if (free >= gigabyte) return { name: 'disk', state: 'ok', message };
  return {
    name: 'disk',
    state: free < gigabyte / 10 ? 'fail' : 'warn',
    message,
    suggestion: 'Make room: remove what is not Tutti’s, or lower jobs.keep_days.',
  };
}

/** Whether the port is free, or taken by the server of this data directory. */
export async function checkPort({ data_dir: directory, host, port }: Settings): Promise<Check> {
  const info = readServerInfo(directory);
  const running = info && isAlive(info.pid) ? info : undefined;
  const name = 'port';
  if (running && (await answers(running.url))) {
    return {
      name,
      state: 'ok',
      message: `The server of this directory (pid ${running.pid}) listens at ${running.url}.`,
    };
  }
  if (running) {
    const suggestion = 'Give it a moment; if it stays so, see its log and start it again.';
    const message = `server.json names pid ${running.pid} at ${running.url}, which does not answer.`;
    return { name, state: 'warn', message, suggestion };
  }
  if (port === 0 || !(await connects(host, port))) return { name, state: 'ok', message: `${host}:${port} is free.` };
  const suggestion = 'End it, or choose another port with --port.';
  return { name, state: 'fail', message: `Another program listens at ${host}:${port}.`, suggestion };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  return answer?.ok === true;
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 2000 });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

function statOf(file: string) {
  return statSync(file, { throwIfNoEntry: false });
}

function namesIn(directory: string): string[] {
  return statOf(directory)?.isDirectory() ? readdirSync(directory) : [];
}

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../../../bench/support/free-port.ts';

/** A PostgreSQL that follows another one by streaming replication, and is only read. */
export interface Replica {
  /** The URL of a database of it. */
  url(database: string): string;
  stop(): void;
}

/** Makes a replica of the PostgreSQL at a URL with Debian's programs; its user must be allowed to replicate. */
export async function startReplica(of: string): Promise<Replica> {
  const home = mkdtempSync(path.join(tmpdir(), 'tutti-replica-'));
  chmodSync(home, 0o755);
  const data = path.join(home, 'data');
  const [version = ''] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
  const { hostname, port, username, password } = new URL(of);
  const run = (program: string, ...args: string[]) => {
    const bin = path.join('/usr/lib/postgresql', version, 'bin', program);
    const [command, ...all] =
      process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', bin, ...args] : [bin, ...args];
    const env = { PATH: process.env.PATH, PGPASSWORD: decodeURIComponent(password) };
    execFileSync(command as string, all, { env, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  if (process.getuid?.() === 0) execFileSync('chown', ['postgres', home]);
  run('pg_basebackup', '-D', data, '-R', '-X', 'stream', '-c', 'fast', '-h', hostname, '-p', port, '-U', username);
  const own = await freePort();
  const connections = await maxConnections(of);
  const options = `-c listen_addresses=127.0.0.1 -c port=${own} -c unix_socket_directories=${home} -c max_connections=${connections}`;
  run('pg_ctl', '-D', data, '-w', '-l', path.join(home, 'log'), '-o', options, 'start');
  let stopped = false;
  return {
    url(database) {
      const url = new URL(of);
      url.hostname = '127.0.0.1';
      url.port = String(own);
      url.pathname = `/${database}`;
      return url.href;
    },
    stop() {
      if (stopped) return;
      stopped = true;
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A replica takes no fewer connections than what it follows, or does not start. */
async function maxConnections(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('show max_connections');
  await client.end();
  return rows[0].max_connections;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import pg from 'pg';
import type { EmbeddedPostgres } from './embedded.ts';
import { isRoot } from './embedded-user.ts';

const children: ChildProcess[] = [];

/** Ends every process that the functions here started; a postmaster they left lives on. */
export function killChildren(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL');
}

interface Answer {
  readonly pid: number;
  readonly adopted: boolean;
  readonly system: string;
}

/** Opens in a Node of its own, which stays until it is killed or told to stop on its stdin. */
export async function openElsewhere(dataDir: string, options: { uid?: number; gid?: number } = {}) {
  const script = `
    import { openEmbedded } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    import { createLog } from ${JSON.stringify(new URL('../log.ts', import.meta.url).href)};
    import pg from ${JSON.stringify(import.meta.resolve('pg'))};
    const server = await openEmbedded(process.argv[1], createLog('silent'));
    const client = new pg.Client(server.connection);
    await client.connect();
    const { rows } = await client.query('select system_identifier::text as system from pg_control_system()');
    await client.query('create table if not exists kept (n int)');
    await client.query('insert into kept values (1)');
    await client.end();
    console.log(JSON.stringify({ pid: server.pid(), adopted: server.adopted, system: rows[0].system }));
    process.stdin.once('data', async () => { await server.stop(); process.exit(0); });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    ...options,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the other Node ended with ${code}`))),
  ]);
  return { child, answer: JSON.parse(line) as Answer };
}

/** Runs one statement over a connection of its own. */
export async function query(server: EmbeddedPostgres, sql: string, other: Partial<pg.ClientConfig> = {}) {
  const client = new pg.Client({ ...server.connection, ...other });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A process that PostgreSQL, running as the owner of `path`, could take for one of its own. */
export async function spawnOfOwner(path: string): Promise<ChildProcess> {
  const { uid, gid } = await stat(path);
  const child = spawn('sleep', ['60'], { cwd: '/', ...(isRoot() ? { uid, gid } : {}) });
  children.push(child);
  await once(child, 'spawn');
  return child;
}

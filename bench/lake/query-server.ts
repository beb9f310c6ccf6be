import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createLog } from '../../server/src/core/log.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import { startServer } from '../../server/src/main.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

/** A server with one committed dataset, read once. */
export interface QueryServer {
  /** The tables that it made of the dataset. */
  readonly files: readonly string[];
}

await serveChild(start);

async function start({ csv }: { csv: string }, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const flags = ['--port', '0', '--data-dir', dir.path, '--limits-calls-per-minute', '1000000'];
  const server = await startServer(readSettings(flags, {}), createLog('warn'));
  undo(() => server.stop());
  const token = (await readFile(server.tokenFile, 'utf8')).trim();
  const call = async (name: string, input: object) => {
    const response = await fetch(`${server.url}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(body));
    return body as Record<string, unknown>;
  };
  const { id } = await call('register_dataset', { name: 'rows', uri: 'tutti://rows' });
  const upload = await call('create_presigned_upload', { dataset_id: id, object_key: 'rows.csv' });
  const sent = await fetch(String(upload.url), {
    method: 'PUT',
    headers: upload.headers as Record<string, string>,
    body: await readFile(csv),
  });
  if (!sent.ok) throw new Error(`the upload ended with ${sent.status}`);
  await call('commit_dataset_version', { dataset_id: id, version: 'v1' });
  const query = (sql: string) => call('query_dataset', { dataset_id: id, sql, timeout_s: 40 });
  await query('SELECT count(*) FROM dataset');
  const tables = path.join(dir.path, 'tables');
  const files = (await readdir(tables, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
  const info: QueryServer = { files: files.map((name) => path.join(tables, name)) };
  return {
    info,
    commands: {
      /** Milliseconds until the answer is here, over HTTP. */
      async query(sql: string): Promise<number> {
        const started = performance.now();
        await query(sql);
        return performance.now() - started;
      },
    },
  };
}

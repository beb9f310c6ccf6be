import { readFile } from 'node:fs/promises';
import { createLog } from '../../server/src/core/log.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import { startServer } from '../../server/src/main.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of many tools
type Body = any;

await serveChild(start);

/** The whole server; each round ingests a dataset of its own, from `start_ingest` to the end of the job. */
async function start({ file, rows }: { file: string; rows: number }, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const settings = readSettings(['--data-dir', dir.path, '--port', '0'], {});
  const server = await startServer(settings, createLog('warn'));
  undo(server.stop);
  const token = (await readFile(server.tokenFile, 'utf8')).trim();
  const call = async (name: string, input: unknown): Promise<Body> => {
    const response = await fetch(`${server.url}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(input),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(body));
    return body;
  };
  let dataset = '';
  const timed = async (mode: string): Promise<number> => {
    const mapping = { text: ['title'], vector: 'v' };
    const began = Date.now();
    const job = await call('start_ingest', { dataset_id: dataset, target: 'lance', mapping, options: { mode } });
    for (;;) {
      const ended = await call('job_status', { job_id: job.id, wait_s: 40 });
      if (ended.finished_at === undefined) continue;
      if (ended.metadata.rows !== rows) throw new Error(JSON.stringify(ended));
      // As the job has it: a client that waits looks at it once a second.
      return Date.parse(ended.finished_at) - began;
    }
  };
  return {
    info: null,
    commands: {
      /** From bytes that nobody read yet. */
      async cold(round: number): Promise<number> {
        const made = await call('register_dataset', { name: `bench-${round}`, uri: `tutti://bench-${round}` });
        dataset = made.id;
        const upload = { dataset_id: dataset, object_key: `rows-${round}.parquet` };
        const { url, headers } = await call('create_presigned_upload', upload);
        // A byte behind the file would break it; a key of its own makes it another object, the cache knows its bytes.
        const answer = await fetch(url, { method: 'PUT', headers, body: await readFile(`${file}.${round}`) });
        if (!answer.ok) throw new Error(await answer.text());
        await call('commit_dataset_version', { dataset_id: dataset, version: 'v1' });
        return timed('auto');
      },
      /** The same version again, whose objects were read into tables before. */
      warm: () => timed('rebuild'),
    },
  };
}

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { openDatabase } from '../../server/src/core/db/database.ts';
import { openEmbedded } from '../../server/src/core/db/embedded.ts';
import { createLog } from '../../server/src/core/log.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import { startServer } from '../../server/src/main.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

export type Way = 'list' | 'bare list' | 'bare http list' | 'diff' | 'bare diff';

const pageSize = 1000;

await serveChild(start);

/** The whole server on a PostgreSQL with two versions, which the bare side asks directly. Every way answers milliseconds. */
async function start({ objects, changed }: { objects: number; changed: number }, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const log = createLog('warn');
  const postgres = await openEmbedded(dir.path, log);
  undo(() => postgres.stop());
  const { host, user, password, database } = postgres.connection;
  const url = `postgresql://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}`;
  const flags = ['--data-dir', dir.path, '--port', '0', '--database-url', url, '--limits-calls-per-minute', '1000000'];
  const server = await startServer(readSettings(flags, {}), log);
  undo(server.stop);
  const { db, close } = openDatabase(postgres.connection, log);
  undo(close);
  const token = (await readFile(server.tokenFile, 'utf8')).trim();
  // biome-ignore lint/suspicious/noExplicitAny: answers of many tools
  const call = async (name: string, input: unknown): Promise<any> => {
    const response = await fetch(`${server.url}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(input),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(body));
    return body;
  };
  const { id } = await call('register_dataset', { name: 'bench', uri: 'tutti://bench' });
  await sql`insert into lake_manifests (id, object_count, bytes) values ('one', ${objects}, 0), ('two', ${objects}, 0)`.execute(
    db,
  );
  await sql`
    insert into lake_manifest_objects (manifest_id, key, size, sha256, content_type, last_modified)
    select manifest, 'raw/2026/' || lpad(at::text, 9, '0') || '.parquet', at,
      encode(sha256((at || case when manifest = 'two' and at % ${objects / changed}::int = 0 then 'x' else '' end)::bytea), 'hex'),
      'application/vnd.apache.parquet', now()
    from generate_series(1, ${objects}::int) as at, (values ('one'), ('two')) as manifests (manifest)
    order by 1, 2`.execute(db);
  await sql`
    insert into dataset_versions (dataset_id, version, manifest_id, bytes) values (${id}, 'v1', 'one', 0), (${id}, 'v2', 'two', 0)`.execute(
    db,
  );
  await sql`update datasets set version = 'v2' where id = ${id}`.execute(db);
  await sql`vacuum analyze lake_manifest_objects`.execute(db);

  const barePage = async (after: string) => {
    const { rows } = await sql<{ key: string }>`
      select * from lake_manifest_objects where manifest_id = 'two' and key > ${after} order by key limit ${pageSize}`.execute(
      db,
    );
    return rows;
  };
  // The least that an answer over HTTP takes: no token, no schema, the rows as they come.
  const bareHttp = createServer((request, response) => {
    void barePage(decodeURIComponent((request.url ?? '/').slice(1))).then((rows) => response.end(JSON.stringify(rows)));
  });
  await once(bareHttp.listen(0, '127.0.0.1'), 'listening');
  undo(() => bareHttp.closeAllConnections());
  undo(() => bareHttp.close());
  const bareUrl = `http://127.0.0.1:${(bareHttp.address() as AddressInfo).port}`;
  const countPages = async (page: (after: string) => Promise<readonly { key: string }[]>) => {
    let count = 0;
    for (let after = ''; ; ) {
      const rows = await page(after);
      count += rows.length;
      if (rows.length < pageSize) return count;
      after = rows.at(-1)?.key ?? '';
    }
  };

  const ways: Record<Way, () => Promise<number>> = {
    async list() {
      let count = 0;
      for (let page: string | undefined; ; ) {
        const answer = await call('list_objects', { dataset_id: id, page_size: pageSize, ...(page && { page }) });
        count += answer.items.length;
        page = answer.next_page;
        if (page === undefined) return count;
      }
    },
    'bare list': () => countPages(barePage),
    'bare http list': () =>
      countPages(async (after) => {
        const rows: unknown = await (await fetch(`${bareUrl}/${encodeURIComponent(after)}`)).json();
        return rows as { key: string }[];
      }),
    async diff() {
      const { items, totals } = await call('diff_versions', {
        dataset_id: id,
        from: 'v1',
        to: 'v2',
        page_size: changed,
      });
      if (totals.changed !== changed) throw new Error(JSON.stringify(totals));
      return items.length;
    },
    async 'bare diff'() {
      const both = sql`
        (select key, size, sha256 from lake_manifest_objects where manifest_id = 'one') a
        full join (select key, size, sha256 from lake_manifest_objects where manifest_id = 'two') b on a.key = b.key`;
      const totals = sql`
        select count(*) filter (where a.key is null), count(*) filter (where b.key is null),
          count(*) filter (where a.sha256 <> b.sha256), sum(b.size), sum(a.size) from ${both}`;
      const listed = sql`
        select coalesce(a.key, b.key), a.size, b.size, a.sha256, b.sha256 from ${both}
        where a.sha256 is distinct from b.sha256 order by 1 limit ${changed}`;
      // Both at once, as ours.
      const [{ rows }] = await Promise.all([listed.execute(db), totals.execute(db)]);
      return rows.length;
    },
  };
  return {
    info: null,
    commands: {
      async run(way: Way): Promise<number> {
        const began = performance.now();
        const count = await ways[way]();
        const took = performance.now() - began;
        const wanted = way.endsWith('list') ? objects : changed;
        if (count !== wanted) throw new Error(`${way}: ${count} instead of ${wanted}`);
        return took;
      },
    },
  };
}

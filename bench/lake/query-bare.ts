import { DuckDBInstance } from '@duckdb/node-api';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

await serveChild(start);

/** DuckDB in this process, on the same files with as many threads, opened once. */
async function start({ files }: { files: readonly string[] }, undo: Undo): Promise<Served> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  undo(() => connection.closeSync());
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  await connection.run(`CREATE VIEW dataset AS SELECT c0 AS id, c1 AS name, c2 AS part FROM read_parquet([${list}])`);
  return {
    info: null,
    commands: {
      /** Milliseconds until all rows are here as JSON text. */
      async query(sql: string): Promise<number> {
        const started = performance.now();
        JSON.stringify((await connection.runAndReadAll(sql)).getRowsJson());
        return performance.now() - started;
      },
    },
  };
}

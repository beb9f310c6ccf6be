import { rmSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { connect, Index } from '@lancedb/lancedb';
import * as arrow from 'apache-arrow';
import { serveChild } from '../support/serve-child.ts';

const batchRows = 50_000;

/** What the engines need alone: DuckDB streams a Parquet file, LanceDB takes it as Arrow, and indexes the text. */
await serveChild(async ({ file, dir, rows }: { file: string; dir: string; rows: number }) => ({
  info: null,
  commands: {
    /** Writes the rows of a round: other ones each time, so that no cache knows them. */
    async make(round: number): Promise<null> {
      const duck = await (await DuckDBInstance.create(':memory:')).connect();
      const words = `['red','green','blue','stone','river','cloud','paper','glass','north','south']`;
      const title = Array.from({ length: 8 }, (_, n) => `${words}[(1 + hash(i + ${round}, ${n}) % 10)::BIGINT]`).join(
        ` || ' ' || `,
      );
      await duck.run(`COPY (SELECT i AS id, ${title} AS title, (hash(i, ${round}) % 100000)::BIGINT AS n, i / 7.0 AS x
        FROM range(${rows}) AS t(i)) TO '${file}.${round}' (FORMAT parquet)`);
      return null;
    },
    async ingest(round: number): Promise<number> {
      const place = path.join(dir, `bare-${round}`);
      const began = performance.now();
      const count = await ingest(`${file}.${round}`, place);
      const ms = performance.now() - began;
      rmSync(place, { recursive: true, force: true });
      if (count !== rows) throw new Error(`${count} rows were ingested`);
      return ms;
    },
  },
}));

async function ingest(file: string, place: string): Promise<number> {
  const duck = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const lance = await connect(place);
  const result = await duck.stream(`SELECT id, title, n, x FROM read_parquet('${file}')`);
  let columns: unknown[][] = [[], [], [], []];
  let table: Awaited<ReturnType<typeof lance.createTable>> | undefined;
  const flush = async () => {
    const data = toArrow(columns);
    if (table) await table.add(data);
    else table = await lance.createTable('bare', data);
    columns = [[], [], [], []];
  };
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [at, values] of chunk.getColumns().entries()) for (const value of values) columns[at]?.push(value);
    if ((columns[0]?.length ?? 0) >= batchRows) await flush();
  }
  if ((columns[0]?.length ?? 0) > 0) await flush();
  await table?.createIndex('title', {
    config: Index.fts({ withPosition: false, stem: true, removeStopWords: true, language: 'English' }),
  });
  return (await table?.countRows()) ?? 0;
}

function toArrow([ids = [], titles = [], ns = [], xs = []]: unknown[][]): arrow.Table {
  return new arrow.Table({
    id: arrow.makeVector(BigInt64Array.from(ids as bigint[])),
    title: arrow.vectorFromArray(titles as string[], new arrow.Utf8()),
    n: arrow.makeVector(BigInt64Array.from(ns as bigint[])),
    x: arrow.makeVector(Float64Array.from(xs as number[])),
  });
}

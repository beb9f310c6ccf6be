import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { type DuckDBArrayVector, DuckDBInstance } from '@duckdb/node-api';
import { connect, Index } from '@lancedb/lancedb';
import * as arrow from 'apache-arrow';
import { serveChild } from '../support/serve-child.ts';

const batchRows = 50_000;

interface Data {
  readonly file: string;
  readonly dir: string;
  readonly rows: number;
  readonly dimensions: number;
}

// As the engines of the other side run.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** What the engines need alone: DuckDB streams a Parquet file, LanceDB takes it as Arrow, and indexes text and vectors. */
await serveChild(async (data: Data) => ({
  info: null,
  commands: {
    /** Writes the rows of a round: other ones each time, so that no cache knows them. */
    async make(round: number): Promise<null> {
      const duck = await (await DuckDBInstance.create(':memory:')).connect();
      const words = `['red','green','blue','stone','river','cloud','paper','glass','north','south']`;
      const title = Array.from({ length: 8 }, (_, n) => `${words}[(1 + hash(i + ${round}, ${n}) % 10)::BIGINT]`).join(
        ` || ' ' || `,
      );
      // Around 500 places, as vectors of texts lie around topics.
      const number = `(hash(hash(i, ${round}) % 500, d) % 2001 / 1000 - 1) + (hash(i, d, ${round}) % 2001 / 1000 - 1) / 3`;
      await duck.run(`COPY (SELECT i AS id, ${title} AS title, (hash(i, ${round}) % 100000)::BIGINT AS n, i / 7.0 AS x,
          list_transform(range(${data.dimensions}), lambda d : ${number})::FLOAT[] AS v
        FROM range(${data.rows}) AS t(i)) TO '${data.file}.${round}' (FORMAT parquet)`);
      return null;
    },
    async ingest(round: number): Promise<number> {
      const place = path.join(data.dir, `bare-${round}`);
      const began = performance.now();
      const count = await ingest(`${data.file}.${round}`, place, data);
      const ms = performance.now() - began;
      rmSync(place, { recursive: true, force: true });
      if (count !== data.rows) throw new Error(`${count} rows were ingested`);
      return ms;
    },
  },
}));

async function ingest(file: string, place: string, { rows, dimensions }: Data): Promise<number> {
  const duck = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const lance = await connect(place);
  const result = await duck.stream(`SELECT id, title, n, x, v::FLOAT[${dimensions}] FROM read_parquet('${file}')`);
  let columns: unknown[][] = [[], [], [], []];
  let vectors: Float32Array[] = [];
  let table: Awaited<ReturnType<typeof lance.createTable>> | undefined;
  const flush = async () => {
    const data = toArrow(columns, vectors, dimensions);
    if (table) await table.add(data);
    else table = await lance.createTable('bare', data);
    columns = [[], [], [], []];
    vectors = [];
  };
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [at, list] of columns.entries()) for (const value of chunk.getColumnValues(at)) list.push(value);
    // As it lies in memory: number by number it would take longer than all the rest.
    const { childData } = chunk.getColumnVector(4) as DuckDBArrayVector as unknown as {
      readonly childData: { readonly items: Float32Array };
    };
    vectors.push(childData.items.slice(0, chunk.rowCount * dimensions));
    if ((columns[0]?.length ?? 0) >= batchRows) await flush();
  }
  if ((columns[0]?.length ?? 0) > 0) await flush();
  await table?.createIndex('title', {
    config: Index.fts({ withPosition: false, stem: true, removeStopWords: true, language: 'English' }),
  });
  await table?.createIndex('v', {
    config: Index.ivfFlat({
      distanceType: 'cosine',
      numPartitions: Math.round(Math.sqrt(rows) / 4),
      maxIterations: 20,
      sampleRate: 64,
    }),
  });
  return (await table?.countRows()) ?? 0;
}

function toArrow(columns: unknown[][], vectors: Float32Array[], dimensions: number): arrow.Table {
  const [ids = [], titles = [], ns = [], xs = []] = columns;
  const data = new Float32Array(ids.length * dimensions);
  let at = 0;
  for (const block of vectors) {
    data.set(block, at);
    at += block.length;
  }
  const type = new arrow.FixedSizeList(dimensions, new arrow.Field('item', new arrow.Float32(), true));
  const child = arrow.makeData({ type: new arrow.Float32(), length: data.length, data });
  return new arrow.Table({
    id: arrow.makeVector(BigInt64Array.from(ids as bigint[])),
    title: arrow.vectorFromArray(titles as string[], new arrow.Utf8()),
    n: arrow.makeVector(BigInt64Array.from(ns as bigint[])),
    x: arrow.makeVector(Float64Array.from(xs as number[])),
    v: arrow.makeVector(arrow.makeData({ type, length: ids.length, nullCount: 0, child })),
  });
}

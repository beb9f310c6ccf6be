import { DuckDBInstance } from '@duckdb/node-api';
import { serveChild } from '../support/serve-child.ts';
import type { Check } from './validate-data.ts';

/** DuckDB as it is: all checks in one statement over the file as it lies there. */
await serveChild(async ({ memoryMb }: { readonly memoryMb: number }) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: `${memoryMb}MB` });
  const connection = await instance.connect();
  const run = async (text: string) => (await connection.runAndReadAll(text)).getRowsJson();
  const check = async ({ from, checks }: { from: string; checks: readonly Check[] }): Promise<number[]> => {
    const parts = checks.map(({ sql }) => `count(*) FILTER (WHERE ${sql})`);
    const [row] = await run(`SELECT ${parts.join(', ')}, count(id) - count(DISTINCT id), count(*) FROM ${from}`);
    return (row ?? []).map(Number);
  };
  return {
    info: null,
    commands: {
      make: async ({ csv, parquet, select }: { csv: string; parquet: string; select: string }): Promise<void> => {
        await run(`COPY (${select}) TO '${csv}' (FORMAT csv, HEADER)`);
        await run(`COPY (SELECT * FROM read_csv('${csv}')) TO '${parquet}' (FORMAT parquet)`);
      },
      check,
      keep: async ({ from, to, checks }: { from: string; to: string; checks: readonly Check[] }): Promise<number[]> => {
        await run(`COPY (SELECT * FROM ${from}) TO '${to}' (FORMAT parquet, COMPRESSION lz4_raw)`);
        return check({ from: `read_parquet('${to}')`, checks });
      },
    },
  };
});

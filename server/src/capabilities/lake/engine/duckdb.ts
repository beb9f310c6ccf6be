import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineFailure } from './failure.ts';

const THREADS = 2;

export interface Duck {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** A DuckDB that can read these files and nothing else, writes nothing, loads nothing, and cannot be set otherwise. */
export function openReader(files: readonly string[], memoryMb: number): Promise<Duck> {
  return open(memoryMb, `SET allowed_paths=[${files.map((file) => quoted(file, "'")).join(', ')}]`);
}

/** A DuckDB that reads and writes in one directory, reads these files besides, and nothing else. */
export function openWriter(directory: string, memoryMb: number, ...sources: readonly string[]): Promise<Duck> {
  const list = sources.map((source) => quoted(source, "'")).join(', ');
  const files = sources.length === 0 ? '' : `SET allowed_paths=[${list}];`;
  return open(memoryMb, `${files} SET allowed_directories=[${quoted(directory, "'")}]`);
}

async function open(memoryMb: number, allow: string): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: String(THREADS) });
  const connection = await instance.connect();
  await native(() =>
    connection.run(
      `SET memory_limit='${Math.max(64, Math.floor(memoryMb / 2))}MB'; SET temp_directory=''; SET TimeZone='UTC';
       SET autoinstall_known_extensions=false; SET autoload_known_extensions=false;
       ${allow}; SET enable_external_access=false; SET lock_configuration=true;`,
    ),
  );
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, close };
}

/** Runs a call of the engine's; what it throws is its own text, not ours. */
export async function native<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new EngineFailure('duckdb', error instanceof Error ? error.message : String(error));
  }
}

/** A foreign text as an SQL name (`"`) or literal (`'`). */
export function quoted(text: string, quote: '"' | "'"): string {
  return quote + text.replaceAll(quote, quote + quote) + quote;
}

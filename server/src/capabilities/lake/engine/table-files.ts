import path from 'node:path';
import { quoted } from './duckdb.ts';

const counted = /^counted(?:-(\d+))?\.parquet$/;

/**
 * The name of a table's only file when it holds every record of the object in order: then `line` and `ordinal` are counted
 * as it is read, for to write them would let the engine use one thread only. `firstLine` is null where rows have no lines.
 */
export function countedFile(firstLine: number | null): string {
  return firstLine === null ? 'counted.parquet' : `counted-${firstLine}.parquet`;
}

/** Whether rows of these files of one table are counted. Tables of both kinds cannot be read in one go. */
export function isCounted(files: readonly string[]): boolean {
  return files.some((file) => counted.test(path.basename(file)));
}

/** What rows of tables' files are read from: `c0…cn`, `line`, `ordinal`, `file_index`. */
export function readFiles(files: readonly string[]): string {
  const from = `read_parquet([${files.map((file) => quoted(file, "'")).join(', ')}], hive_partitioning = false)`;
  if (!isCounted(files)) return from;
  const first = files.map((file) => counted.exec(path.basename(file))?.[1] ?? 'NULL');
  const alike = first.every((line) => line === first[0]);
  const line = alike ? `${first[0]}::BIGINT` : `([${first.join(', ')}]::BIGINT[])[file_index::BIGINT + 1]`;
  return `(SELECT *, file_row_number + ${line} AS line, file_row_number AS ordinal, file_index FROM ${from})`;
}

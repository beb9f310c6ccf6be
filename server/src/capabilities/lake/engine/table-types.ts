import type { ColumnType } from './protocol.ts';

/** How a column type is called in the SQL of DuckDB, in which tables are kept. */
export function duckTypeName(type: ColumnType): string {
  switch (type) {
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP_MS';
    case 'string':
    case 'json':
      return 'VARCHAR';
  }
}

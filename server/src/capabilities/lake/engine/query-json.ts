import type { DuckDBType, DuckDBValue, DuckDBValueConverter, Json } from '@duckdb/node-api';

type Duck = typeof import('@duckdb/node-api');

/** A text or nested value of more characters is cut. */
const MAX_CELL = 16_384;
const exactDigits = 15;

/**
 * Turns values of the engine into JSON: integers and decimals as numbers while a double holds them exactly and as text
 * beyond, times as ISO 8601 in UTC, what is not finite as text, blobs as escaped text, nested values as arrays and objects.
 */
export function jsonConverter({ DuckDBTypeId, JsonDuckDBValueConverter }: Duck): DuckDBValueConverter<Json> {
  const integers = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]);
  const times = new Set([
    DuckDBTypeId.TIMESTAMP,
    DuckDBTypeId.TIMESTAMP_S,
    DuckDBTypeId.TIMESTAMP_MS,
    DuckDBTypeId.TIMESTAMP_NS,
    DuckDBTypeId.TIMESTAMP_TZ,
  ]);
  return (value: DuckDBValue, type: DuckDBType, converter: DuckDBValueConverter<Json>) => {
    const json = JsonDuckDBValueConverter(value, type, converter);
    if (typeof json !== 'string') return json;
    if (integers.has(type.typeId)) return Number.isSafeInteger(Number(json)) ? Number(json) : json;
    if (type.typeId === DuckDBTypeId.DECIMAL)
      return json.replace(/\D/g, '').length <= exactDigits ? Number(json) : json;
    return times.has(type.typeId) ? isoTime(json) : json;
  };
}

/** `2026-01-02 03:04:05.6` and `2026-01-02 03:04:05.6+00` → `2026-01-02T03:04:05.6Z`; others, such as `infinity`, stay. */
function isoTime(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00(?::?00)?)?$/.exec(text);
  return match ? `${match[1]}T${match[2]}Z` : text;
}

/** A value that is not longer than it may be; a nested one that is becomes the beginning of its JSON text. */
export function cutCell(value: Json): { readonly value: Json; readonly length: number; readonly cut: boolean } {
  if (typeof value === 'string' && value.length <= MAX_CELL)
    return { value, length: JSON.stringify(value).length, cut: false };
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= MAX_CELL) return { value, length: text.length, cut: false };
  return { value: `${text.slice(0, MAX_CELL).toWellFormed()}…`, length: MAX_CELL, cut: true };
}

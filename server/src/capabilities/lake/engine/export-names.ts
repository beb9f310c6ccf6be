import type { EngineColumn } from './protocol.ts';

/** What an export says of each row besides its data: where it is from, and its id. */
export const ownColumns = ['_id', '_object_key', '_object_sha256', '_line', '_ordinal'] as const;

/**
 * Names for the columns of an export, which the engine does not tell apart by their case: one that is taken gets `_2` and so on.
 * Control characters are left out.
 */
export function exportNames(columns: readonly EngineColumn[]): string[] {
  const taken = new Set<string>(ownColumns);
  return columns.map(({ name }) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
    const clean = name.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, '') || 'column';
    let found = clean;
    for (let count = 2; taken.has(found.toLowerCase()); count++) found = `${clean}_${count}`;
    taken.add(found.toLowerCase());
    return found;
  });
}

/**
 * A directory of a partition in Hive's style, `name=value`: all but letters, digits, `-` and `_` as percent-encoded UTF-8, so
 * that no value leaves its place or becomes another's; null as Hive writes it.
 */
export function partitionPath(names: readonly string[], values: readonly (string | null)[]): string {
  const parts = names.map((name, at) => {
    const value = values[at] ?? null;
    return `${encoded(name)}=${value === null ? '__HIVE_DEFAULT_PARTITION__' : encoded(value)}`;
  });
  return parts.map((part) => `${part}/`).join('');
}

function encoded(text: string): string {
  // A value that is what stands for null would be read as null.
  if (text === '__HIVE_DEFAULT_PARTITION__') return '%5F%5FHIVE_DEFAULT_PARTITION__';
  return [...Buffer.from(text.toWellFormed())]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

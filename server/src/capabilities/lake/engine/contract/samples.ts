import { MAX_REJECT_TEXT } from '../protocol.ts';
import type { Layout } from './layout.ts';
import type { RuleSample } from './rules.ts';

/** A row's place, in the order in which rows are shown, and its values. */
export function sampleOf(columns: readonly string[]): string {
  const text = columns.length === 1 ? columns[0] : `[${columns.map((sql) => `to_json(${sql})`).join(', ')}]`;
  const value = columns.length === 0 ? "''" : `left(to_json(${text})::VARCHAR, ${MAX_REJECT_TEXT})`;
  return `{p: part, f: file, o: ordinal, l: line, t: ${value}}`;
}

export function toSamples(json: string | null, layout: Layout): RuleSample[] {
  const found = JSON.parse(json ?? '[]') as { p: number; f: number; o: number; l: number | null; t: string | null }[];
  return found.map(({ p, f, o, l, t }) => ({ object_key: layout.keyOf(p, f), line: l, ordinal: o, text: t ?? 'null' }));
}

import { type ParseError, parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml';
import type { JsonValue } from '../integrity/parse-strict.ts';

export const formats = ['json', 'jsonc', 'toml', 'yaml'] as const;
export type Format = (typeof formats)[number];

/**
 * The text of a payload in a client's format. Parsing it gives the payload back. YAML is double-quoted throughout, so that no
 * reader takes `no` for false or `1.10` for a number. Throws for what TOML has no form for: null, and a root that is no object.
 */
export function toText(payload: JsonValue, format: Format): string {
  if (format === 'toml') return stringifyToml(payload as Record<string, unknown>);
  if (format === 'yaml')
    return stringifyYaml(payload, {
      defaultStringType: 'QUOTE_DOUBLE',
      defaultKeyType: 'QUOTE_DOUBLE',
      lineWidth: 0,
      aliasDuplicateObjects: false,
    });
  return `${JSON.stringify(payload, null, 2)}\n`;
}

/** What a client gets from a text of ours. It is no gate: use it on what `toText` made. */
export function parseText(text: string, format: Format): JsonValue {
  if (format === 'toml') return parseToml(text) as JsonValue;
  if (format === 'yaml') return parseYaml(text, { schema: 'core', maxAliasCount: 0, logLevel: 'error' }) as JsonValue;
  if (format === 'json') return JSON.parse(text) as JsonValue;
  const errors: ParseError[] = [];
  const value = parseJsonc(text, errors, { allowTrailingComma: true }) as JsonValue;
  if (errors.length > 0) throw new SyntaxError('It is no JSON with comments.');
  return value;
}

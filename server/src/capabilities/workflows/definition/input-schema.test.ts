import { describe, expect, it } from 'vitest';
import { SchemaProblem } from '../../../core/json-schema.ts';
import { compileSchema } from './input-schema.ts';

const said = (schema: Record<string, unknown>, value: unknown) =>
  compileSchema(schema)(value, ['input']).map(({ path, message }) => `${path}: ${message}`);

it('tells what a value misses, and where', () => {
  const schema = {
    type: 'object',
    properties: {
      since: { type: 'string', format: 'date-time' },
      kind: { enum: ['a', 'b'] },
      tags: { type: 'array', items: { $ref: '#/$defs/tag' }, uniqueItems: true, maxItems: 3 },
    },
    $defs: { tag: { type: 'string', pattern: '^[a-z]+$' } },
    required: ['since'],
    additionalProperties: false,
  };
  expect(said(schema, { since: '2026-01-01T00:00:00Z', kind: 'a', tags: ['x', 'y'] })).toEqual([]);
  expect(said(schema, {})).toEqual(["input: It must have required property 'since'."]);
  expect(said(schema, { since: 'soon' })).toEqual(['input.since: It must match format "date-time".']);
  expect(said(schema, { since: '2026-01-01T00:00:00Z', tags: ['X'] })).toEqual([
    'input.tags[0]: It must match pattern "^[a-z]+$".',
  ]);
  expect(said(schema, { since: '2026-01-01T00:00:00Z', kind: 'c' }).join()).toContain('["a","b"]');
  expect(said(schema, { since: '2026-01-01T00:00:00Z', more: 1 }).join()).toContain('"more"');
});

it('matches patterns in linear time', () => {
  expect(said({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(20_000)}!`)).toHaveLength(1);
});

describe('refuses what could keep the process busy', () => {
  const twice = (name: string) => ({ anyOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }] });
  const doubling = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, twice(`d${index + 1}`)]));
  const deep = Array.from({ length: 300 }).reduce<Record<string, unknown>>((inner) => ({ not: inner }), {});
  it.each<[string, Record<string, unknown>]>([
    ['a circle', { properties: { a: { $ref: '#' } } }],
    ['a circle behind the name of a keyword', { properties: { enum: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } } }],
    ['references that double', { ...twice('d0'), $defs: { ...doubling, d40: {} } }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
    ['a reference to nowhere', { $ref: '#/$defs/x' }],
    ['a reference that is ill encoded', { $ref: '#/%' }],
    ['a name of its own', { $id: 'https://example.com/schema.json' }],
    ['a dynamic reference', { $dynamicRef: '#a' }],
    ['unique items without bound', { type: 'array', uniqueItems: true }],
    ['a pattern with lookahead', { pattern: '(?=a)' }],
    ['patterns as names', { patternProperties: { '(a)\\1': {} } }],
    ['depth', deep],
    ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }],
    ['an unknown keyword', { type: 'object', requiredd: ['a'] }],
    ['an unknown format', { type: 'string', format: 'regex' }],
    ['no type', { type: 'text' }],
  ])('%s', (_what, schema) => {
    expect(() => compileSchema(schema)).toThrow(SchemaProblem);
  });

  it('but not a reference into a list, or one that is used twice', () => {
    const schema = {
      allOf: [{ type: 'object' }, { $ref: '#/$defs/a' }, { $ref: '#/allOf/0' }],
      $defs: { a: { minProperties: 1 } },
    };
    expect(compileSchema(schema)({ a: 1 })).toEqual([]);
    expect(compileSchema(schema)({})).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import { compileJsonSchema, SchemaProblem } from './json-schema.ts';

describe('a schema of somebody else', () => {
  test('says where a value misses it', () => {
    const validate = compileJsonSchema({
      type: 'object',
      properties: { 'a/b': { type: 'array', items: { type: 'integer' } } },
      additionalProperties: false,
    });
    expect(validate({ 'a/b': [1] })).toEqual([]);
    expect(validate({ 'a/b': [1, 'x'] })).toEqual([{ pointer: '/a~1b/1', message: 'It must be integer.' }]);
    expect(validate({ other: 1 })[0]?.message).toContain('"other"');
  });

  test('keeps its patterns apart: each has its own expression', () => {
    const validate = compileJsonSchema({ type: 'array', prefixItems: [{ pattern: '^a+$' }, { pattern: '^b+$' }] });
    expect(validate(['aa', 'bb'])).toEqual([]);
    expect(validate(['aa', 'aa'])[0]?.pointer).toBe('/1');
    expect(validate(['bb', 'bb'])[0]?.pointer).toBe('/0');
  });

  // Attack: ReDoS. A backtracking engine needs hours for this one.
  test('cannot hold the process with a pattern', () => {
    const validate = compileJsonSchema({ type: 'string', pattern: '^(a+)+$' });
    expect(validate(`${'a'.repeat(50_000)}!`)).toHaveLength(1);
  });

  const loop = { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } };
  const wide = (depth: number): object => (depth === 0 ? {} : { allOf: Array(20).fill(wide(depth - 1)) });
  test.each([
    ['goes in a circle', loop, 'leads back'],
    ['leads out', { $ref: 'https://example.com/schema' }, 'leads out'],
    ['leads nowhere', { $ref: '#/$defs/x' }, 'leads nowhere'],
    ['is too large', JSON.parse(JSON.stringify(wide(4))) as object, 'subschemas'],
    ['compares everything with everything', { uniqueItems: true }, 'uniqueItems'],
    ['looks around', { type: 'string', pattern: '(?=a)b' }, ''],
    ['has a keyword that nobody knows', { requires: ['a'] }, 'requires'],
    ['is named from elsewhere', { $id: 'https://example.com/a' }, '$id'],
  ])('is refused when it %s', (_how, schema, why) => {
    expect(() => compileJsonSchema(schema as Record<string, unknown>)).toThrow(SchemaProblem);
    expect(() => compileJsonSchema(schema as Record<string, unknown>)).toThrow(why);
  });
});

import { expect, test } from 'vitest';
import { compileOutputCheck } from './output-check.ts';

test('an older dialect and an id are no obstacle, and what misses is told', () => {
  const check = compileOutputCheck({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://example.com/mail',
    type: 'object',
    properties: { list: { type: 'array', uniqueItems: true, items: { $ref: '#/definitions/name' } } },
    required: ['list'],
    definitions: { name: { type: 'string', pattern: '^[a-z]+$' } },
  });
  expect(check?.({ list: ['a', 'a'] })).toBeUndefined();
  expect(check?.({})).toContain('list');
  expect(check?.({ list: ['A'] })).toContain('pattern');
});

test('a pattern that takes an ordinary engine for ever takes no time', () => {
  const check = compileOutputCheck({ type: 'string', pattern: '^(a+)+$' });
  expect(check?.(`${'a'.repeat(50_000)}!`)).toBeDefined();
});

test.each([
  ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
  ['a circle', { type: 'object', properties: { next: { $ref: '#' } } }],
  ['no type', { type: 'mail' }],
  ['a pattern that RE2 has not', { type: 'string', pattern: '(?=a)' }],
  ['more than anybody can follow', doubled(40)],
])('%s is not checked', (_, schema) => {
  expect(compileOutputCheck(schema)).toBeUndefined();
});

/** A schema of some lines that says to look twice at each step. */
function doubled(steps: number): Record<string, unknown> {
  const names = Array.from({ length: steps }, (_, step) => step);
  const twice = (step: number) => [{ $ref: `#/$defs/d${step + 1}` }, { $ref: `#/$defs/d${step + 1}` }];
  const defs = names.map((step) => [`d${step}`, { allOf: twice(step) }]);
  return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(defs), [`d${steps}`]: { type: 'string' } } };
}

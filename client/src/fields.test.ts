import { expect, test } from 'vitest';
import { readFields } from './fields.ts';
import type { JsonSchema } from './json-schema.ts';

const scalar: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }],
};
const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string' },
    dataset_id: { type: 'string' },
    count: { type: 'integer' },
    share: { type: ['number', 'null'] },
    loud: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    steps: { type: 'array', items: { type: 'object' } },
    any: {},
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    filter: {
      type: 'object',
      additionalProperties: {
        anyOf: [
          scalar,
          {
            type: 'object',
            properties: { gte: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
            additionalProperties: false,
          },
        ],
      },
    },
  },
};
const read = (...args: string[]) => JSON.parse(JSON.stringify(readFields(args, schema, 'some_tool')));

test.each([
  [['--text', '42'], { text: '42' }],
  [['--text=a=b'], { text: 'a=b' }],
  [['--text', '--odd'], { text: '--odd' }],
  [['--dataset-id', 'ds_1'], { dataset_id: 'ds_1' }],
  [['--dataset_id=ds_1'], { dataset_id: 'ds_1' }],
  [['--count', '-7'], { count: -7 }],
  [['--share', '0.5'], { share: 0.5 }],
  [['--share', 'null'], { share: null }],
  [['--loud'], { loud: true }],
  [['--loud', 'false', '--text', 'x'], { loud: false, text: 'x' }],
  [['--no-loud'], { loud: false }],
  [['--tags', 'a,b', '--tags', 'c'], { tags: ['a', 'b', 'c'] }],
  [['--tags', '["a,b"]'], { tags: ['a,b'] }],
  [['--tags', '7'], { tags: ['7'] }],
  [['--tags', ''], { tags: [] }],
  [['--sizes', '1,2'], { sizes: [1, 2] }],
  [['--steps', '{"a":1,"b":2}', '--steps', '{"c":3}'], { steps: [{ a: 1, b: 2 }, { c: 3 }] }],
  [['--any', '{"a":[1]}'], { any: { a: [1] } }],
  [['--any', 'plain'], { any: 'plain' }],
  [['--any.deep.down', '3'], { any: { deep: { down: 3 } } }],
  [['--labels', '{"a":"1"}', '--labels.b', '2'], { labels: { a: '1', b: '2' } }],
  [['--filter.state', 'failed'], { filter: { state: 'failed' } }],
  [
    ['--filter.Major Genre', 'Drama', '--filter.IMDB Rating.gte', '8.5'],
    { filter: { 'Major Genre': 'Drama', 'IMDB Rating': { gte: 8.5 } } },
  ],
  [['--filter.year', '1984', '--filter.title', '"1984"'], { filter: { year: 1984, title: '1984' } }],
  [['--filter.id', '12345678901234567890'], { filter: { id: '12345678901234567890' } }],
])('%j is read as the schema wants it', (args, expected) => {
  expect(read(...args)).toEqual(expected);
});

test('a member may have any name', () => {
  const input = readFields(['--labels.__proto__', 'x', '--labels.constructor', 'y'], schema, 'some_tool');
  expect(JSON.stringify(input)).toBe('{"labels":{"__proto__":"x","constructor":"y"}}');
});

test.each([
  [['--nope', '1'], /^some_tool has no field --nope\.$/],
  [['--text.deep', '1'], /no field --text\.deep/],
  [['--constructor', '1'], /no field --constructor/],
  [['--count', 'many'], /^--count takes integer, not "many"\.$/],
  [['--share', 'x'], /takes number \| null/],
  [['--sizes', '1,x'], /^--sizes takes integer, not "x"\.$/],
  [['--tags', '[broken'], /takes string\[\]/],
  [['--labels', 'x'], /takes object/],
  [['--loud=maybe'], /takes boolean/],
  [['--no-text'], /no field --no-text/],
  [['--text'], /needs a value/],
  [['--text', 'a', '--text', 'b'], /given twice/],
  [['--labels.a', '1', '--labels.a', '2'], /given twice/],
  [['--labels.a', '1', '--labels', '{}'], /given twice/],
  [['word'], /"word" is not a field/],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(
    expect.objectContaining({ code: 'VALIDATION_FAILED', message: expect.stringMatching(message) }),
  );
});

test('an unknown field is answered with all that there are', () => {
  expect(() => read('--nope', '1')).toThrow(
    expect.objectContaining({ suggestion: expect.stringContaining('--text, --dataset_id, --count') }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { catalogueBreaks, type Face, mayBreak } from '../../scripts/catalogue-breaks.ts';
import { currentFaces, currentVersion, lastRelease } from '../../scripts/releases.ts';
import { misfits, type Schema } from '../../scripts/schema-fits.ts';

test('what the last release promised its callers holds, unless the version says that it may break', () => {
  const { version, faces } = lastRelease();
  const breaks = mayBreak(version, currentVersion()) ? [] : catalogueBreaks(faces, currentFaces());
  expect(breaks, `since ${version}: keep these, or raise the version (CONTRIBUTING.md, "Break a promise")`).toEqual([]);
});

test.each([
  ['1.2.3', '2.0.0', true],
  ['1.2.3', '1.3.0', false],
  ['1.2.3', '1.2.4', false],
  ['0.1.0', '0.2.0', true],
  ['0.1.0', '0.1.1', false],
  ['0.9.0', '1.0.0', true],
  ['0.1.0', '0.1.0', false],
  ['2.0.0', '1.9.9', false],
])('from %s to %s callers may be broken: %s', (released, next, allowed) => {
  expect(mayBreak(released, next)).toBe(allowed);
});

const string = { type: 'string' };
const face: Face = {
  name: 'find_thing',
  toolset: 'lake',
  effect: 'read',
  scope: 'lake:read',
  aliases: ['seek_thing'],
  inputSchema: {
    type: 'object',
    properties: {
      id: { type: 'string', maxLength: 10, description: 'Id.' },
      page_size: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      mode: { type: 'string', enum: ['fast', 'slow'] },
      tags: { type: 'array', items: { type: 'string', pattern: '^a' }, maxItems: 5 },
      by: { anyOf: [string, { type: 'number' }] },
      labels: { type: 'object', propertyNames: string, additionalProperties: string },
    },
    required: ['id'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: {
      id: string,
      note: string,
      rows: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
      count: { type: ['integer', 'null'] },
    },
    required: ['id', 'rows'],
    additionalProperties: {},
  },
};

/** The face with one place of it changed; `undefined` removes that place. */
function changed(path: string, value: unknown): Face {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(face));
  const keys = path.split('/');
  const last = keys.pop() as string;
  const parent = keys.reduce((node, key) => node[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy as unknown as Face;
}

const input = 'inputSchema/properties';
const output = 'outputSchema/properties';

test.each([
  ['effect', 'write', 'effect is write, was read'],
  ['scope', 'lake:write', 'scope is lake:write, was lake:read'],
  ['toolset', 'ops', 'toolset is ops, was lake'],
  [`${input}/mode`, undefined, 'input: mode is gone'],
  ['inputSchema/required', ['id', 'mode'], 'input: mode is required'],
  [`${input}/id/type`, 'integer', 'input: id is integer, was string'],
  [`${input}/id/maxLength`, 9, 'input: id has maxLength 9, was 10'],
  [`${input}/id/minLength`, 1, 'input: id has minLength 1, was unlimited'],
  [`${input}/id/pattern`, '^x', 'input: id has another pattern'],
  [`${input}/page_size/minimum`, 2, 'input: page_size has minimum 2, was 1'],
  [`${input}/mode/enum`, ['fast'], 'input: mode is one of a list only, without ["slow"]'],
  [`${input}/tags/maxItems`, 4, 'input: tags has maxItems 4, was 5'],
  [`${input}/tags/items/pattern`, '^b', 'input: tags[] has another pattern'],
  [`${input}/by/anyOf`, [string], 'input: by fits none of its forms any more'],
  [`${input}/labels/additionalProperties`, { type: 'number' }, 'input: labels{} is number, was string'],
  [
    `${input}/labels/propertyNames`,
    { type: 'string', maxLength: 5 },
    'input: labels{name} has maxLength 5, was unlimited',
  ],
  [`${output}/note`, undefined, 'output: note is gone'],
  [`${output}/note/type`, 'number', 'output: note is string, was number'],
  [`${output}/rows/items/properties/n`, undefined, 'output: rows[].n is gone'],
  [`${output}/rows/items/properties/n/type`, 'number', 'output: rows[].n is integer, was number'],
  ['outputSchema/required', ['rows'], 'output: id may be missing'],
  [
    `${output}/count/type`,
    ['integer', 'string', 'null'],
    'output: count is integer or null, was integer or string or null',
  ],
])('%s to %j breaks callers', (path, value, reason) => {
  expect(catalogueBreaks([face], [changed(path, value)])).toEqual([`find_thing: ${reason}`]);
});

test('a tool and its former names stay reachable', () => {
  const gone = (name: string) => `${name}: is gone; a new name needs the old one among its aliases`;
  expect(catalogueBreaks([face], [])).toEqual([gone('find_thing'), gone('seek_thing')]);
  expect(catalogueBreaks([face], [changed('aliases', [])])).toEqual([gone('seek_thing')]);
  const renamed = { ...face, name: 'look_for_thing', aliases: ['find_thing', 'seek_thing'] };
  expect(catalogueBreaks([face], [renamed])).toEqual([]);
  expect(catalogueBreaks([face], [{ ...renamed, effect: 'write' }])).toEqual(['find_thing: effect is write, was read']);
});

test.each([
  ['title', 'Another title'],
  [`${input}/new`, string],
  [`${input}/id/maxLength`, 11],
  [`${input}/id/maxLength`, undefined],
  [`${input}/id/description`, 'In other words.'],
  ['inputSchema/required', []],
  [`${input}/page_size/type`, 'number'],
  [`${input}/page_size/maximum`, 500],
  [`${input}/mode/enum`, ['fast', 'slow', 'auto']],
  [`${input}/mode`, string],
  [`${input}/by/anyOf`, [string, { type: 'number' }, { type: 'boolean' }]],
  [`${output}/new`, string],
  ['outputSchema/required', ['id', 'rows', 'note']],
  [`${output}/rows/items/properties/m`, string],
  [`${output}/count/type`, 'integer'],
  [`${output}/note/maxLength`, 9],
])('%s to %j breaks nobody', (path, value) => {
  expect(catalogueBreaks([face], [changed(path, value), { ...face, name: 'added', aliases: [] }])).toEqual([]);
});

describe('for schemas of any shape', () => {
  const schemas = fc.letrec<{ schema: Schema; leaf: Schema; object: Schema }>((tie) => ({
    schema: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('leaf'), tie('object'), manyOf(tie('schema'))),
    leaf: fc.oneof(
      fc.constant({}),
      fc.constant({ type: 'boolean' }),
      fc.constant({ type: ['string', 'null'] }),
      limited('string', 'minLength', 'maxLength'),
      limited('integer', 'minimum', 'maximum'),
      limited('number', 'minimum', 'maximum'),
      fc.subarray(['a', 'bb', 'ccc'], { minLength: 1 }).map((values) => ({ type: 'string', enum: values })),
    ),
    object: fc
      .record({
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { maxKeys: 3 }),
        required: fc.subarray(['a', 'b', 'c']),
        rest: fc.oneof(fc.constant(false), fc.constant({}), tie('leaf')),
      })
      .map(({ properties, required, rest }) => ({
        type: 'object',
        properties,
        required: required.filter((name) => name in properties),
        additionalProperties: rest,
      })),
  })).schema;
  const values = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, false, '', 'a', 'bb', 'ccc', 'dddd', 0, 1, 2, 3, 4, 0.5, 2.5),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  function limited(type: string, least: string, most: string): fc.Arbitrary<Schema> {
    return fc
      .tuple(fc.option(fc.nat(4)), fc.option(fc.nat(4)))
      .map(([low, high]) => ({ type, ...(low !== null && { [least]: low }), ...(high !== null && { [most]: high }) }));
  }

  function manyOf(inner: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
    const array = fc.record({ items: inner, most: fc.nat(4) });
    return fc.oneof(
      array.map(({ items, most }) => ({ type: 'array', items, maxItems: most })),
      fc.array(inner, { minLength: 1, maxLength: 3 }).map((branches) => ({ anyOf: branches })),
    );
  }

  test('each fits itself, in other words too', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(misfits({ ...schema, description: 'new' }, schema)).toEqual([]);
        expect(misfits(schema, schema, true)).toEqual([]);
      }),
    );
  });

  test('what is said to fit is taken by an independent validator', () => {
    let fitting = 0;
    fc.assert(
      fc.property(schemas, schemas, fc.array(values, { minLength: 20, maxLength: 20 }), (one, other, samples) => {
        // The validator overlooks what stands beside a union or a list of values.
        const both = { ...one, ...other };
        const mixed = 'anyOf' in both || 'enum' in both ? other : both;
        for (const [narrow, wide] of [
          [one, other],
          [one, mixed],
          [mixed, one],
        ] as const) {
          if (misfits(narrow, wide).length > 0) continue;
          const [from, to] = [z.fromJSONSchema(narrow as never), z.fromJSONSchema(wide as never)];
          for (const sample of samples.filter((value) => from.safeParse(value).success)) {
            fitting += 1;
            expect(to.safeParse(sample).success, JSON.stringify({ narrow, wide, sample })).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(fitting).toBeGreaterThan(500);
  });
});

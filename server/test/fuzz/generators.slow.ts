import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fullCatalogue } from '../support/catalogue.ts';
import { type Schema, validValue } from './from-schema.ts';
import { generate } from './generate.ts';
import { createLive } from './live.ts';
import { nearValid } from './near-valid.ts';
import { createRandom } from './random.ts';
import { fromFile, surfaces, toFile } from './request.ts';
import { inputBytes, type KnownTool, toolCall } from './tool-calls.ts';

const tools: readonly KnownTool[] = fullCatalogue().faces.map((face) => ({
  ...face,
  inputSchema: face.inputSchema as Schema,
}));
const schemas = new Map(
  tools.map((tool) => [tool.name, z.fromJSONSchema(tool.inputSchema as z.core.JSONSchema.JSONSchema)]),
);
const requests = Array.from({ length: 2000 }, (_, index) => generate(7, index, surfaces, tools));

describe('a seed', () => {
  test('makes the same requests, another one others', () => {
    const again = requests.map((_, index) => generate(7, index, surfaces, tools));
    expect(again.map(toFile)).toEqual(requests.map(toFile));
    expect(toFile(generate(8, 0, surfaces, tools))).not.toBe(toFile(requests[0] ?? generate(7, 0, surfaces, tools)));
  });

  test('reaches every surface, every kind and every tool', () => {
    expect(new Set(requests.map((request) => request.surface))).toEqual(new Set(surfaces));
    expect(new Set(requests.map((request) => request.kind))).toEqual(new Set(['valid', 'near-valid', 'hostile']));
    for (const surface of ['tools', 'mcp'] as const) {
      const some = Array.from({ length: 10_000 }, (_, index) => generate(7, index, [surface], tools));
      const called = new Set(some.map(({ tool }) => tool));
      expect(tools.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([]);
    }
  });

  test('a single surface can be had alone', () => {
    for (const surface of surfaces) expect(generate(1, 5, [surface], tools).surface).toBe(surface);
  });
});

test('choices are even', () => {
  const random = createRandom(3);
  const counts = [0, 0, 0, 0];
  for (let round = 0; round < 4000; round += 1) counts[random.int(0, 3)] = (counts[random.int(0, 3)] ?? 0) + 1;
  const picked = Array.from({ length: 4000 }, () => random.pick(['a', 'b', 'c', 'd']));
  for (const name of ['a', 'b', 'c', 'd']) {
    const share = picked.filter((one) => one === name).length;
    expect(share).toBeGreaterThan(800);
    expect(share).toBeLessThan(1200);
  }
});

test('a request outlives its file', () => {
  for (const request of requests) expect(fromFile(toFile(request))).toEqual(request);
});

describe('calls of tools', () => {
  const calls = Array.from({ length: 3000 }, (_, index) => toolCall(tools, createRandom(11, index)));
  const live = createLive();
  live.add('position', '12.3');
  for (const kind of ['run', 'task', 'pipeline']) live.add(`orchestra-${kind}`, randomUUID());
  /** Whether a call is what its tool takes, once its placeholders are filled. */
  const meets = ({ tool, input }: (typeof calls)[number]) => {
    const filled = live.fill(Buffer.from(JSON.stringify(input) ?? 'null')).toString();
    return schemas.get(tool.name)?.safeParse(JSON.parse(filled)).success;
  };

  test('that are valid meet the schema of their tool', () => {
    const valid = calls.filter((call) => call.kind === 'valid');
    for (const call of valid) expect(meets(call), `${call.tool.name} ${JSON.stringify(call.input)}`).toBe(true);
    expect(valid.length).toBeGreaterThan(500);
  });

  test.each(['near-valid', 'hostile'] as const)('that are %s mostly do not', (kind) => {
    const bad = calls.filter((call) => call.kind === kind);
    expect(bad.filter((call) => !meets(call)).length).toBeGreaterThan(bad.length / 3);
  });

  test('go out as JSON unless they are hostile, some of which are none', () => {
    const broken = calls.filter((call, index) => {
      try {
        JSON.parse(inputBytes(call, createRandom(12, index)).toString());
        return false;
      } catch {
        return true;
      }
    });
    expect(new Set(broken.map((call) => call.kind))).toEqual(new Set(['hostile']));
  });
});

test('values meet their schema whatever its form', () => {
  const schema: Schema = {
    type: 'object',
    required: ['a', 'b', 'c', 'd'],
    properties: {
      a: { type: 'string', pattern: '^[a-f]{3}-\\d+$' },
      b: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'integer', minimum: 5, maximum: 6 } },
      c: { anyOf: [{ type: 'null' }, { type: ['string', 'null'], minLength: 3, maxLength: 4 }] },
      d: {
        type: 'object',
        propertyNames: { type: 'string', minLength: 2 },
        additionalProperties: { enum: ['x', 'y'] },
      },
    },
    additionalProperties: false,
  };
  const parser = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
  for (let index = 0; index < 300; index += 1) {
    const value = validValue(schema, createRandom(1, index));
    expect(parser.safeParse(value).success, JSON.stringify(value)).toBe(true);
  }
});

test('one mistake makes what is bad in one place only', () => {
  const schema = tools.find((tool) => tool.name === 'register_dataset')?.inputSchema ?? {};
  const good = { name: 'a', uri: 'tutti://a', labels: { a: 'b' } };
  for (let index = 0; index < 300; index += 1) {
    const bad = nearValid(good, schema, createRandom(2, index)) as Record<string, unknown>;
    const names = new Set([...Object.keys(good), ...Object.keys(bad)]);
    const changed = [...names].filter((name) => bad[name] !== good[name as keyof typeof good]);
    expect(changed.length).toBeLessThanOrEqual(1);
  }
});

test('placeholders become what answers told, byte for byte beside them', () => {
  const live = createLive();
  const [first, second] = [`ds_${'0'.repeat(26)}`, `ds_${'1'.repeat(26)}`];
  live.learn(JSON.stringify({ id: first, text: JSON.stringify({ id: second, next_page: 'abc.d-e' }) }));
  const fill = (text: string) => live.fill(Buffer.from(text, 'latin1')).toString('latin1');
  expect(fill('{{dataset:0}} {{dataset:1}} {{dataset:2}}\xff\0{{7*7}}')).toBe(
    `${first} ${second} ${first}\xff\0{{7*7}}`,
  );
  expect(fill('{{page:5}}{{job:1}}')).toBe('abc.d-enone');
  live.spare(`wh_${'2'.repeat(26)}`);
  live.learn(`wh_${'2'.repeat(26)}`);
  expect(fill('{{webhook:0}}')).toBe('none');
});

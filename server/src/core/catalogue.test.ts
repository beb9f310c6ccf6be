import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createCatalogue } from './catalogue.ts';
import { tool } from './tool.ts';

const make = (name: string, more: Partial<Parameters<typeof tool>[0]> = {}) =>
  tool({
    name,
    title: name,
    description: 'Tutti test.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:write',
    input: { id: z.string().default('x').describe('An id.') },
    output: z.looseObject({ at: z.string().describe('When.') }),
    run: async () => ({ at: '' }),
    ...more,
  });

describe('the catalogue', () => {
  test('keeps the order of registration and finds former names', () => {
    const catalogue = createCatalogue([make('zebra', { aliases: ['horse'] }), make('ant')]);
    expect(catalogue.faces.map((face) => face.name)).toEqual(['zebra', 'ant']);
    expect(catalogue.find('horse')?.face.name).toBe('zebra');
    for (const name of ['lion', '', '__proto__']) expect(catalogue.find(name)).toBeUndefined();
  });

  test('takes no name twice, as name or as former name', () => {
    expect(() => createCatalogue([make('ant'), make('ant')])).toThrow('ant');
    expect(() => createCatalogue([make('ant'), make('bee', { aliases: ['ant'] })])).toThrow('ant');
    expect(() => createCatalogue([make('ant', { aliases: ['ant'] })])).toThrow('ant');
  });
});

test('the effect of a tool yields its hints and its idempotency key', () => {
  const faces = createCatalogue([
    make('look', { effect: 'read' }),
    make('change', { effect: 'write' }),
    make('remove', { effect: 'destroy' }),
  ]).faces;
  const hints = faces.map(({ annotations: { readOnlyHint, destructiveHint } }) => [readOnlyHint, destructiveHint]);
  expect(hints).toEqual([
    [true, false],
    [false, false],
    [false, true],
  ]);
  const keyed = faces.map((face) => 'idempotency_key' in (face.inputSchema.properties as object));
  expect(keyed).toEqual([false, true, true]);
});

test('inputs are closed and need not repeat defaults; outputs are open', () => {
  const face = createCatalogue([make('change')]).faces[0];
  expect(face?.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(face?.inputSchema).not.toHaveProperty('required');
  expect(face?.outputSchema).toMatchObject({ type: 'object', required: ['at'], additionalProperties: {} });
});

import { expect, test } from 'vitest';
import { z } from 'zod';
import { createCatalogue } from '../core/catalogue.ts';
import { tool } from '../core/tool.ts';
import { toListed } from './listed-face.ts';

const [face] = createCatalogue([
  tool({
    name: 'look',
    title: 'Look',
    description: 'Tutti: looks.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input: { where: z.strictObject({ inside: z.string().describe('A field.') }).describe('Where.') },
    output: z.looseObject({
      additionalProperties: z.looseObject({ deep: z.string().describe('Deep.') }).describe('A field of that name.'),
      items: z.array(z.looseObject({ id: z.string().describe('Its id.') })).describe('Items.'),
      labels: z.record(z.string(), z.string()).describe('Labels.'),
    }),
    run: async () => ({ additionalProperties: { deep: '' }, items: [], labels: {} }),
  }),
]).faces;

test('a list has the schemas as they are', () => {
  const { outputSchema, inputSchema } = toListed(face as NonNullable<typeof face>, { brief: false });
  expect({ outputSchema, inputSchema }).toEqual({ outputSchema: face?.outputSchema, inputSchema: face?.inputSchema });
});

test('a brief one has the outermost fields of what is answered, and all that goes in', () => {
  const { outputSchema, inputSchema } = toListed(face as NonNullable<typeof face>, { brief: true });
  expect(outputSchema).toEqual({
    type: 'object',
    properties: {
      additionalProperties: { type: 'object', description: 'A field of that name.' },
      items: { type: 'array', items: { type: 'object' }, description: 'Items.' },
      labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Labels.' },
    },
    required: ['additionalProperties', 'items', 'labels'],
  });
  expect(inputSchema).toEqual(face?.inputSchema);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateClientTypes } from '../../scripts/generate-client-types.ts';

test('the types of the tools are those of the catalogue: run node scripts/generate-client-types.ts when they are not', async () => {
  const written = readFileSync(new URL('./tools.ts', import.meta.url), 'utf8');
  expect(written).toBe(await generateClientTypes());
});

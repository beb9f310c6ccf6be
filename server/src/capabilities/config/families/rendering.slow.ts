import { test } from 'vitest';
import { checkRendering } from '../../../../test/support/config/check-rendering.ts';
import { builtInFamilies } from './built-in.ts';

const clients = builtInFamilies.filter(({ identity }) => !identity);

test.each(clients.map((family) => [family.client_id, family] as const))('%s, many times', (_id, family) => {
  checkRendering(family, 2000);
});

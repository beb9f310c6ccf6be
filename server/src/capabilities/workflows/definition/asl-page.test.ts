import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addedFunctions } from '../expressions/functions.ts';
import { refusedFields, stateFields } from './asl-fields.ts';
import { parseDefinition } from './parse.ts';
import { stateErrors } from './retry-checks.ts';

const page = readFileSync(new URL('../../../../../docs/asl.md', import.meta.url), 'utf8');

/** The first cells of the rows of all tables. */
const firsts = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell ?? '').join('\n');

describe('docs/asl.md', () => {
  it('has an example that is taken', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(parseDefinition(example).problems).toEqual([]);
  });

  it('names every field of every state, and every one that is refused', () => {
    for (const field of Object.values(stateFields).flatMap(Object.keys))
      if (field !== 'ToleratedFailurePercentage') expect(firsts, field).toContain(`\`${field}\``);
    for (const field of Object.keys(refusedFields))
      if (!field.endsWith('Path')) expect(page, field).toContain(`\`${field}\``);
  });

  it('names every error that can be caught, and every function that is added', () => {
    for (const name of stateErrors) expect(firsts).toContain(`\`${name}\``);
    for (const name of Object.keys(addedFunctions)) expect(page).toContain(`$${name}`);
  });
});

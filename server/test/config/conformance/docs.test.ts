import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { attackRows, requirements } from './requirements.ts';

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const headings = (file: string) => [...read(file).matchAll(/^## (.+)$/gm)].map(([, title]) => title);

test('AC-5: there are a schema reference, a policy model with examples, an operator runbook with key rotation, and how to verify', () => {
  expect(headings('docs/config-schemas.md')).toEqual(
    expect.arrayContaining(['The artifact', 'The statement', 'The export', 'Schemas of clients']),
  );
  expect(read('docs/config-policy.md')).toContain('```json');
  expect(headings('docs/config-operations.md')).toEqual(
    expect.arrayContaining(['Rotate the signing key', 'After a leak', 'Go back at once', 'Serve a mirror']),
  );
  expect(read('docs/config-verify.md')).toMatch(/openssl pkeyutl[\s\S]*tutti config verify/);
  const overview = read('docs/config.md');
  for (const page of ['schemas', 'policy', 'operations', 'verify', 'checklist', 'clients']) {
    expect(overview).toContain(`(config-${page}.md`);
  }
});

test('every requirement has an id of its own and names a test that there is', () => {
  const all = [...requirements, ...attackRows];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const wanted = [
    ...Array.from({ length: 15 }, (_, at) => `FR-${at + 1}`),
    ...Array.from({ length: 12 }, (_, at) => `NFR-${at + 1}`),
    ...[1, 2, 3, 4, 5].flatMap((at) => [`AC-${at}`, `UC-${at}`]),
  ];
  expect(requirements.map(({ id }) => id).sort()).toEqual(wanted.sort());
  for (const { id, proofs } of all) {
    expect(proofs.length, id).toBeGreaterThan(0);
    for (const { file, name } of proofs) {
      expect(existsSync(path.join(root, file)), `${id}: ${file}`).toBe(true);
      expect(read(file), `${id}: ${file}`).toContain(name);
    }
  }
});

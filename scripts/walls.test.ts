import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.dirname(import.meta.dirname);
const config = JSON.parse(readFileSync(path.join(root, 'biome.json'), 'utf8'));

/** What our rules say of such a file; `undefined` when they have nothing against it. */
function lint(file: string, text: string): string | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'tutti-walls-'));
  try {
    writeFileSync(path.join(directory, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
    const biome = path.join(root, 'node_modules/.bin/biome');
    const done = spawnSync(biome, ['lint', file], { cwd: directory, encoding: 'utf8' });
    return done.status === 0 ? undefined : done.stdout + done.stderr;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const importing = (what: string) => `import { x } from '${what}';\nexport const y = x;\n`;

test.each([
  ['server/src/core/probe.ts', '../capabilities/lake/store.ts'],
  ['server/src/core/probe.ts', '../surfaces/http.ts'],
  ['server/src/core/probe.ts', 'kysely'],
  ['server/src/core/probe.ts', 'undici'],
  ['server/src/core/jobs/probe.ts', '@duckdb/node-api'],
  ['server/src/surfaces/probe.ts', '../capabilities/lake/contract.ts'],
  ['server/src/surfaces/probe.ts', 'kysely'],
  ['server/src/capabilities/lake/tools/probe.ts', '../../../surfaces/http.ts'],
  ['server/src/capabilities/lake/tools/probe.ts', 'kysely'],
  ['server/src/capabilities/lake/tools/probe.ts', 'node:http'],
  ['server/src/capabilities/lake/tools/probe.ts', '../../system/visible-job.ts'],
  ['server/src/capabilities/lake/probe.ts', '../ops/store.ts'],
  ['server/src/capabilities/lake/jobs/probe.ts', '@lancedb/lancedb'],
  ['server/src/capabilities/lake/store.ts', '../../surfaces/http.ts'],
  ['server/src/capabilities/lake/engine/probe.ts', '../../../core/db/database.ts'],
  ['server/src/tour/probe.ts', '../core/errors.ts'],
])('%s may not import %s', (file, what) => {
  expect(lint(file, importing(what))).toContain('noRestrictedImports');
});

test.each([
  ['server/src/core/probe.ts', './errors.ts'],
  ['server/src/core/db/probe.ts', 'kysely'],
  ['server/src/core/egress.ts', 'undici'],
  ['server/src/surfaces/probe.ts', '../core/errors.ts'],
  ['server/src/capabilities/lake/store.ts', 'kysely'],
  ['server/src/capabilities/lake/tools/probe.ts', '../../system/contract.ts'],
  ['server/src/capabilities/lake/tools/probe.ts', '../../../core/errors.ts'],
  ['server/src/capabilities/lake/engine/probe.ts', '@lancedb/lancedb'],
])('%s may import %s', (file, what) => {
  expect(lint(file, importing(what))).toBeUndefined();
});

test('the environment is read in settings.ts only', () => {
  const text = 'export const home = process.env.HOME;\n';
  expect(lint('server/src/core/probe.ts', text)).toContain('noProcessEnv');
  expect(lint('server/src/core/settings.ts', text)).toBeUndefined();
});

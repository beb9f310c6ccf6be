import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import { readSettings } from '../../../core/settings.ts';
import type { Network } from '../contract.ts';
import { grantedResources } from '../runs/limits.ts';
import { ceilingsFrom } from './ceilings.ts';

const principal = { name: 'ci', scopes: new Set(['ops:read', 'ops:write']) };
const asked = { image: 'python:3.12-slim', timeout: 60, network: 'none' as Network };
const limitsOf = (entries: unknown, flags: string[] = []) =>
  ceilingsFrom(readSettings(['--ops-ceilings', JSON.stringify(entries), ...flags], {}));

/** The code and details of what a call throws; undefined when it does not. */
function refusal(call: () => unknown): { code: string; details: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, details: error.details };
  }
}

const fields = fc.record(
  {
    memory_mb: fc.integer({ min: 16, max: 4096 }),
    cpus: fc.integer({ min: 1, max: 16 }),
    pids: fc.integer({ min: 8, max: 4096 }),
    work_mb: fc.integer({ min: 1, max: 4096 }),
  },
  { requiredKeys: [] },
);
const entry = fc
  .record(
    {
      principals: fc.subarray(['ci', 'alice', 'bob'], { minLength: 1 }),
      scopes: fc.subarray(['ops:write', 'ops:destroy', 'lake:read'], { minLength: 1 }),
    },
    { requiredKeys: [] },
  )
  .chain((who) => fields.map((limits) => ({ ...who, ...limits })));

test('whatever the entries say and a job asks: it gets what it asked for or less than is allowed, or the limit is named', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), fields, (entries, resources) => {
      const limits = limitsOf(entries)(principal);
      const over = (Object.keys(resources) as (keyof typeof resources)[]).filter(
        (field) => (resources[field] ?? 0) > limits.resources[field],
      );
      const refused = refusal(() => {
        const granted = grantedResources({ ...asked, resources }, limits);
        for (const [field, value] of Object.entries(granted)) {
          const name = field as keyof typeof granted;
          expect(value).toBeLessThanOrEqual(limits.resources[name]);
          if (resources[name] !== undefined) expect(value).toBe(resources[name]);
        }
      });
      if (over.length === 0) expect(refused).toBeUndefined();
      else {
        expect(refused?.code).toBe('LIMIT_EXCEEDED');
        const { field, most } = (refused as { details: { field: keyof typeof resources; most: number } }).details;
        expect(over).toContain(field);
        expect(most).toBe(limits.resources[field]);
      }
    }),
  );
});

test('of entries that hold for a caller the first that names a limit decides, else the general one', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const { resources } = limitsOf(entries, ['--ops-max-pids', '77'])(principal);
      const held = entries.filter(
        ({ principals, scopes }) =>
          (principals === undefined && scopes === undefined) ||
          principals?.includes('ci') ||
          scopes?.includes('ops:write'),
      );
      expect(resources.pids).toBe(held.find(({ pids }) => pids !== undefined)?.pids ?? 77);
      expect(resources.memory_mb).toBe(held.find(({ memory_mb }) => memory_mb !== undefined)?.memory_mb ?? 2048);
    }),
  );
});

test('time, networks, images, output and artifacts have ceilings as well', () => {
  const limits = limitsOf([
    {
      principals: ['ci'],
      timeout_s: 30,
      networks: ['none'],
      images: ['python:3.*', 'ghcr.io/acme/**'],
      output_kb: 8,
      artifact_mb: 1,
      artifact_files: 2,
      jobs: 3,
    },
  ]);
  const own = limits(principal);
  expect(own).toMatchObject({ keep: { output_kb: 8, artifact_mb: 1, artifact_files: 2 }, jobs: 3 });
  const code = (more: object) => refusal(() => grantedResources({ ...asked, timeout: 30, ...more }, own))?.code;
  expect(code({})).toBeUndefined();
  expect(code({ image: 'ghcr.io/acme/tools/lint:1' })).toBeUndefined();
  expect(code({ timeout: 31 })).toBe('LIMIT_EXCEEDED');
  expect(code({ network: 'internal' })).toBe('NETWORK_NOT_ALLOWED');
  for (const image of ['python:2.7', 'pythonx:3.12', 'evil.example/python:3.12', 'ghcr.io/acme-evil/x', 'a b', '']) {
    expect(code({ image })).toBe('LIMIT_EXCEEDED');
  }
  const others = limits({ name: 'alice', scopes: new Set() });
  expect(others).toMatchObject({ timeout: 21_600, jobs: 100, images: undefined });
  expect(refusal(() => grantedResources({ ...asked, network: 'internal' }, others))).toBeUndefined();
  expect(limitsOf([{ images: [] }])(principal).images?.patterns).toEqual([]);
});

test('sandboxes have ceilings of their own, each by itself', () => {
  const limits = limitsOf([{ principals: ['ci'], sandboxes: 2, sandbox_memory_mb: 512, sandbox_ttl_s: 600 }]);
  expect(limits(principal).sandboxes).toEqual({
    count: 2,
    memory_mb: 512,
    cpus: 16,
    pids: 8192,
    ttl_s: 600,
    disk_mb: 4096,
  });
  expect(limits({ name: 'alice', scopes: new Set() }).sandboxes).toMatchObject({ count: 10, ttl_s: 604_800 });
});

test('what is no ceiling stops the start with a sentence', () => {
  for (const bad of [
    [{ memory: 1 }],
    [{ pids: 0 }],
    [{ principals: [] }],
    [{ networks: ['host'] }],
    { pids: 8 },
    'x',
  ]) {
    expect(() => limitsOf(bad)).toThrow(/ops\.ceilings/);
  }
  expect(() => limitsOf([{ images: ['no pattern!'] }])).toThrow(/ops\.ceilings/);
});

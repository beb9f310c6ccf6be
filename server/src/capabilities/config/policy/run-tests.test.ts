import { expect, it } from 'vitest';
import { type PolicySet, parsePolicySet } from './document.ts';
import { runPolicyTests } from './run-tests.ts';

const server = { name: 'files', transport: 'stdio', command: 'node' };
const rules = [
  {
    id: 'no-node',
    action: 'deny',
    on: 'server',
    match: { command: 'node' },
    when: 'now < timestamp("2026-06-01T00:00:00Z")',
  },
  { id: 'time', action: 'default', on: 'server', set: { timeout_ms: 500 } },
];
const test = (name: string, expected: object, more: object = {}) => ({
  name,
  neutral: { inputs: [], servers: [server] },
  expect: expected,
  ...more,
});

function results(...tests: object[]) {
  const { set, problems } = parsePolicySet({ name: 'x', version: 1, rules, tests });
  expect(problems).toEqual([]);
  return runPolicyTests(set as PolicySet);
}

it('says of each test whether it passed, and what was otherwise', () => {
  const later = { context: { now: '2026-07-01T00:00:00Z' } };
  expect(
    results(
      test('refused', { ok: false, denied: ['no-node'], effects: ['time'] }),
      test('free later', { ok: true, result: { inputs: [], servers: [{ ...server, timeout_ms: 500 }] } }, later),
      test('wrong', { ok: true, denied: [], unmet: [] }),
    ),
  ).toEqual([
    { name: 'refused', passed: true, differences: [] },
    { name: 'free later', passed: true, differences: [] },
    {
      name: 'wrong',
      passed: false,
      differences: [
        { field: 'ok', wanted: true, got: false },
        { field: 'denied', wanted: [], got: ['no-node'] },
      ],
    },
  ]);
});

it('a condition that fails is no refusal that a test could mean', () => {
  const broken = [{ id: 'x', action: 'deny', on: 'server', when: 'claims.nobody' }];
  const { set } = parsePolicySet({ name: 'x', version: 1, rules: broken, tests: [test('refused', { ok: false })] });
  const [result] = runPolicyTests(set as PolicySet);
  expect(result?.passed).toBe(false);
  expect(result?.differences[0]?.field).toBe('problems');
});

import { expect, it } from 'vitest';
import { type PolicySet, parsePolicySet } from './document.ts';
import { neutral, problemsOf, refusals, stdio } from './policy-test-support.ts';

it('a set can extend the built-in one, and leave out some of its rules', () => {
  const { set } = parsePolicySet({
    name: 'x',
    version: 1,
    extends: 'baseline@1',
    without: ['no-shell', 'no-inline-code'],
    rules: [{ id: 'own', action: 'deny', on: 'server', match: { server: 'files' } }],
  });
  expect(refusals(set as PolicySet, neutral(stdio('sh', ['-c', 'x'])))).toEqual(['own']);
  expect(refusals(set as PolicySet, neutral({ ...stdio('npx', ['x']), name: 'y' }))).toEqual(['no-unpinned-package']);
  const wrong = { name: 'x', version: 1, without: ['no-shell'], rules: [] };
  expect(parsePolicySet(wrong).problems.map(({ pointer }) => pointer)).toEqual(['/without/0']);
  const twice = {
    name: 'x',
    version: 1,
    extends: 'baseline@1',
    rules: [{ id: 'no-shell', action: 'deny', on: 'server' }],
  };
  expect(parsePolicySet(twice).problems.map(({ pointer }) => pointer)).toEqual(['/rules/0/id']);
});

it.each<[object, string]>([
  [{ id: 'x', action: 'deny', on: 'path' }, 'A path belongs to'],
  [{ id: 'x', action: 'deny', on: 'server', match: { path: '/a' } }, 'A path belongs to'],
  [{ id: 'x', action: 'deny', on: 'server', match: { versions: '<1' } }, 'Versions are those of a package'],
  [{ id: 'x', action: 'deny', on: 'server', match: { package: 'npm:x', versions: 'newest' } }, 'no range'],
  [{ id: 'x', action: 'deny', on: 'tool' }, 'Name the tools'],
  [{ id: 'x', action: 'deny', on: 'server', match: { name: 'x' } }, 'Nothing of `on: server` has a name'],
  [{ id: 'x', action: 'deny', on: 'input', match: { server: 'x' } }, 'is about no server'],
  [{ id: 'x', action: 'require', on: 'server' }, 'Give either fields or a condition'],
  [{ id: 'x', action: 'pin', on: 'server', match: { server: 'x' }, to: { version: '1' } }, 'names a package'],
  [{ id: 'x', action: 'pin', on: 'server', match: { package: 'npm:*' }, to: { version: '1' } }, 'named in full'],
  [{ id: 'x', action: 'default', on: 'server', set: { command: 'sh' } }, 'fields of a server'],
  [{ id: 'x', action: 'deny', on: 'path', match: { path: '/**/a/**/b/**' } }, 'at most two'],
  [{ id: 'x', action: 'deny', on: 'server', when: 'serverz' }, 'serverz'],
  [{ id: 'x', action: 'run', on: 'server' }, ''],
  [{ id: 'X', action: 'deny', on: 'server' }, ''],
  [{ id: 'x', action: 'deny', on: 'server', match: { facts: 'shell' } }, ''],
])('%j means nothing and is refused', (rule, why) => {
  const problems = problemsOf(rule);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join(' ')).toContain(why);
});

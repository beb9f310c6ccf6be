import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { baseline } from './baseline.ts';
import { compileCondition, variables } from './cel/condition.ts';
import { mostSteps } from './cel/meter.ts';
import { match, type PolicySet, parsePolicySet } from './document.ts';
import { facts } from './facts.ts';
import { runPolicyTests } from './run-tests.ts';

const page = readFileSync(new URL('../../../../../docs/config-policy.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
/** The rows of a table, by their first cell. */
const rows = new Map(
  [...page.matchAll(/^\| `([^`]+)` +\| (.*?) +\|$/gm)].map(([, name = '', rest = '']) => [name, rest]),
);

it('every set on the page can be put, and passes its tests', () => {
  const sets = blocks('json').map((text) => parsePolicySet(JSON.parse(text)));
  expect(sets.map(({ problems }) => problems)).toEqual([[], []]);
  const failed = sets.flatMap(({ set }) => runPolicyTests(set as PolicySet)).filter(({ passed }) => !passed);
  expect(failed).toEqual([]);
});

it('every condition on the page is one', () => {
  const conditions = blocks('text').join('').trim().split('\n');
  expect(conditions.length).toBeGreaterThan(3);
  for (const text of conditions) compileCondition(text);
});

it('the tables name every key, fact, variable and rule', () => {
  for (const key of Object.keys(match.shape)) expect(rows.has(key), key).toBe(true);
  for (const [fact, meaning] of Object.entries(facts)) expect(rows.get(fact)).toBe(meaning);
  for (const [name, meaning] of Object.entries(variables)) expect(rows.get(name)).toBe(meaning);
  const named = baseline.rules.map(({ id }) => id).filter((id) => !Object.hasOwn(facts, id.replace(/^no-/, '')));
  for (const id of named) expect(rows.has(id), id).toBe(true);
  expect(page).toContain(mostSteps.toLocaleString('en'));
});

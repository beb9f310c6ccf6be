import { describe, expect, it } from 'vitest';
import { ConditionError, celTimestamp, compileCondition, toCel } from './condition.ts';
import { BudgetError, Meter, metered } from './meter.ts';

const bindings = {
  client: () => toCel({ id: 'codex', version: '1.2.0', form: 'neutral' }),
  profile: () => 'prod',
  tags: () => ['eu', 'pci'],
  claims: () => toCel({ team: 'platform', groups: ['a', 'b'] }),
  now: () => celTimestamp('2026-03-04T05:06:07Z'),
  policy: () => toCel({ name: 'x', version: 3, rules: { a: 2 } }),
  server: () => toCel({ name: 's', timeout_ms: 500, facts: ['shell'], ratio: 0.5 }),
  item: () => toCel({ name: 'A_TOKEN', value: 'x', pointer: '/servers/0' }),
};
const holds = (text: string, meter = new Meter()) => metered(meter, () => compileCondition(text).holds(bindings));

it.each([
  'client.id == "codex" && profile == "prod" && "pci" in tags',
  'claims.team in ["platform"] && "b" in claims.groups && size(claims.groups) == 2',
  'now > timestamp("2026-01-01T00:00:00Z") && now.getHours("UTC") == 5',
  'policy.version >= 3 && policy.rules.a == 2 && policy.rules["a"] > 1',
  'server.timeout_ms > 499 && server.ratio < 0.6 && !has(server.owner) && "shell" in server.facts',
  'item.name.matches("_TOKEN$") && item.pointer.startsWith("/servers/")',
  'tags.exists(t, t == "eu") && tags.all(t, t.size() < 4) && tags.filter(t, t != "eu") == ["pci"]',
  'dyn(claims.team) != 1',
])('%s', (text) => {
  expect(holds(text)).toBe(true);
});

it.each([
  ['nobody == "x"', 'nobody'],
  ['tags.exists(t, u == t)', 'u'],
  ['eval("1")', 'eval'],
  ['tags.reduce(1)', 'reduce'],
  ['profile ==', 'no CEL'],
  ['"a', 'no CEL'],
  ['Name{a: 1} == 1', 'Name'],
  [`${'['.repeat(60)}${']'.repeat(60)} == []`, 'deep'],
])('%s is no condition', (text, why) => {
  expect(() => compileCondition(text)).toThrow(ConditionError);
  expect(() => compileCondition(text)).toThrow(why);
});

it.each(['server.owner == "x"', '1 + 1', 'claims.team > 1', 'item.value.matches("(")', 'server.constructor == null'])(
  '%s fails and does not hold',
  (text) => {
    expect(() => holds(text)).toThrow(ConditionError);
  },
);

describe('the budget', () => {
  it('counts the turns of loops, the same each time', () => {
    const [one, two] = [new Meter(), new Meter()];
    const text = '[1, 2, 3].all(a, [1, 2, 3].all(b, a + b > 1))';
    expect([holds(text, one), holds(text, two)]).toEqual([true, true]);
    expect(one.steps).toBe(two.steps);
    expect(one.steps).toBeGreaterThan(12);
  });

  it('counts what a pattern has to look at, and refuses long ones', () => {
    expect(() => holds(`"${'a'.repeat(1000)}".matches("${'a?'.repeat(90)}")`, new Meter(50))).toThrow(BudgetError);
    expect(() => holds(`"a".matches("${'a'.repeat(300)}")`)).toThrow('at most 200');
  });

  it('ends by time where steps do not', () => {
    expect(() => holds('tags.all(t, true)', new Meter(1e9, -1))).toThrow(BudgetError);
  });
});

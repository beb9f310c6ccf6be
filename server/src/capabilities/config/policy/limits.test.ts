import { describe, expect, it } from 'vitest';
import { baseline } from './baseline.ts';
import { evaluate } from './evaluate.ts';
import { context, neutral, payload, policy, refusals, stdio } from './policy-test-support.ts';

describe('ReDoS', () => {
  it('a condition matches in linear time', () => {
    const rule = policy({ id: 'slow', action: 'deny', on: 'arg', when: 'item.value.matches("^(a+)+$")' });
    expect(refusals(rule, neutral(stdio('node', [`${'a'.repeat(5000)}!`])))).toEqual([]);
    expect(refusals(rule, neutral(stdio('node', ['a'.repeat(5000)])))).toEqual(['slow']);
  });

  it('a selector matches without going back and forth', () => {
    const rule = policy({ id: 'slow', action: 'deny', on: 'arg', match: { value: `${'*a'.repeat(40)}*b` } });
    expect(refusals(rule, neutral(stdio('node', ['a'.repeat(8000)])))).toEqual([]);
  });
});

describe('non-termination', () => {
  const list = JSON.stringify(Array.from({ length: 80 }, (_, at) => at));

  it.each([
    ['loops within loops', `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a + b + c + d >= 0))))`],
    ['loops whose errors are outvoted', `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, true)))) || true`],
    ['a text that doubles', `["x"]${'.map(x, x + x)'.repeat(30)}.size() > 0`],
    ['a list that doubles', `[[1]]${'.map(x, x + x)'.repeat(30)}.size() > 0`],
  ])('%s end at the budget, and the draft is refused', (_, when) => {
    const set = policy({ id: 'endless', action: 'deny', on: 'server', when: when.slice(0, 2000) });
    const { ok, problems } = evaluate(set, neutral(stdio('node')), context);
    expect(ok).toBe(false);
    expect(problems.map(({ severity }) => severity)).toEqual(['error']);
  });

  it('conditions about the whole document cost what it weighs, and are made once', () => {
    const servers = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`s${at}`, { command: 'node', args: Array(50).fill('x') }]),
    );
    const whole = policy({ id: 'whole', action: 'deny', on: 'arg', when: 'size(servers) == 1 || size(document) > 1' });
    expect(evaluate(whole, payload({ servers }), context)).toMatchObject({ ok: true, problems: [] });
    const changing = policy({ id: 'each', action: 'deny', on: 'arg', how: 'remove', when: 'size(document) == 1' });
    expect(evaluate(changing, payload({ servers }), context)).toMatchObject({
      ok: false,
      problems: [{ severity: 'error' }],
    });
  });

  it('rules that undo each other are told', () => {
    const set = policy(
      { id: 'one', action: 'pin', on: 'server', match: { package: 'npm:x' }, to: { version: '1.0.0' } },
      { id: 'two', action: 'pin', on: 'server', match: { package: 'npm:x' }, to: { version: '2.0.0' } },
    );
    const { ok, problems } = evaluate(set, neutral(stdio('npx', ['x'])), context);
    expect(ok).toBe(false);
    expect(problems[0]?.message).toContain('(one, two)');
  });
});

it('endless data: long lists and many servers are evaluated all the same', () => {
  const names = Array.from({ length: 50_000 }, (_, at) => `name-${at}`);
  const servers = Object.fromEntries(names.slice(0, 500).map((name) => [name, { command: 'npx', args: ['x@1.0.0'] }]));
  const { ok, patch } = evaluate(
    policy({ id: 'one', action: 'default', on: 'path', match: { path: '/added' }, set: true }),
    payload({ names, servers }),
    context,
  );
  expect([ok, patch]).toEqual([true, [{ op: 'add', path: '/added', value: true }]]);
});

it('endless data: a program is looked for among many operands as well', () => {
  const { denied } = evaluate(
    baseline,
    payload({ a: { command: 'sudo', args: ['-x', ...Array(50_000).fill('a'), 'sh'] } }),
    context,
  );
  expect(denied.map(({ rule }) => rule)).toContain('no-shell');
});

it.each<[string, unknown]>([
  [
    'servers',
    {
      servers: Array.from({ length: 3000 }, (_, at) =>
        at === 2999 ? { command: 'sh' } : { url: 'https://a.example/' },
      ),
    },
  ],
  ['settings', { a: Array.from({ length: 12_000 }, (_, at) => ({ trust: at === 11_999 })) }],
])('endless data: behind more %s than are looked at nothing hides', (_, value) => {
  const { ok, problems } = evaluate(baseline, payload(value), context);
  expect(ok).toBe(false);
  expect(problems).toMatchObject([{ message: expect.stringContaining('too many'), severity: 'error' }]);
});

it('prototype pollution: names that reach into a prototype are names like any other', () => {
  const hostile = JSON.parse(
    '{"mcpServers":{"__proto__":{"command":"sh","env":{"constructor":"x","__proto__":"y"}}}}',
  ) as object;
  const set = policy(
    { id: 'no-proto', action: 'deny', on: 'server', match: { command: 'sh' } },
    { id: 'gone', action: 'deny', on: 'env', how: 'remove' },
    { id: 'own', action: 'deny', on: 'server', when: 'has(server.toString) || "constructor" in document' },
  );
  const { denied } = evaluate(set, payload(hostile), context);
  expect(denied.map(({ rule }) => rule)).toContain('no-proto');
  expect(denied.map(({ rule }) => rule)).not.toContain('own');
  expect(({} as Record<string, unknown>).command).toBeUndefined();
});

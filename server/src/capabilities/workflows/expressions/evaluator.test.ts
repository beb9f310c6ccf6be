import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Template } from '../definition/json.ts';
import { openEvaluator, QueryError } from './evaluator.ts';

const evaluator = openEvaluator();
/** One that soon gives up, for expressions that never end. */
const hasty = openEvaluator({ milliseconds: 100, endAfter: 2000 });
afterAll(async () => {
  await evaluator.close();
  await hasty.close();
});

const input = { a: 1, items: [{ x: 1 }, { x: 2 }], nested: { constructor: 'own' } };

function ask(
  expressions: Template,
  { seed = 'seed', by = evaluator, given = input as unknown } = {},
): Promise<unknown> {
  const bindings = { states: { input: given }, variables: { v: 3 } };
  return by.evaluate({ expressions, bindings, clock: '2026-01-02T03:04:05.678Z', seed });
}

/** The refusal of an expression. */
async function refusal(expressions: Template, by = evaluator): Promise<QueryError> {
  const answer: unknown = await ask(expressions, { by }).catch((error: unknown) => error);
  if (!(answer instanceof QueryError)) throw new Error(`It came to ${JSON.stringify(answer)}.`);
  return answer;
}

describe('a template', () => {
  it('has its expressions replaced, wherever they stand, and all else kept', async () => {
    const template = {
      plain: 'text',
      n: [1, '{% $states.input.a + $v %}', { deep: '{%$states.input.items.x%}' }],
      '': null,
    };
    expect(await ask(template)).toEqual({ plain: 'text', n: [1, 4, { deep: [1, 2] }], '': null });
    expect(await ask('{% $states.input %}')).toEqual(input);
    expect(await ask({ half: '{% 1' })).toEqual({ half: '{% 1' });
  });

  it.each<[string, unknown]>([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(1, 9, 2)', [1, 3, 5, 7, 9]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$hash("input data", "SHA-1")', 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['$hash({"a": 1}, "MD5")', 'bb6cb5c68df4652941caf652a366f2d8'],
    ['$parse("{\\"a\\": [1, null]}")', { a: [1, null] }],
    ['$exists($parse($states.input.absent))', false],
    ['$random(7) = $random(7)', true],
    ['$match("ababb", /a(b+)/).groups', ['b', 'bb']],
    ['$split("a1b22c", /[0-9]+/)', ['a', 'b', 'c']],
    ['$replace("John Smith", /(\\w+)\\s(\\w+)/, "$2, $1")', 'Smith, John'],
    ['$contains("ÄPFEL", /äpfel/i)', true],
    [
      '$states.input.items ~> |$|{"y": x}|',
      [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    ],
    ['$states.input.items{ $string(x): x }', { 1: 1, 2: 2 }],
    ['$reduce([1..5], function($a, $b){ $a * $b })', 120],
    ['{"__proto__": {"a": 1}}.a', undefined],
  ])('comes to what JSONata and the States Language say: %s', async (expression, value) => {
    if (value === undefined) expect((await refusal(`{% ${expression} %}`)).message).toMatch(/comes to nothing/);
    else expect(await ask(`{% ${expression} %}`)).toEqual(value);
  });

  it('comes to the same in another process and at another time', async () => {
    const template = {
      now: ['{% $now() %}', '{% $millis() %}', '{% $now("[Y0001]-[M01]") %}'],
      // Without a date in its picture, the date is today's.
      today: '{% $fromMillis($toMillis("12:30", "[H01]:[m01]")) %}',
      chance: ['{% $random() %}', '{% $random() %}', '{% $uuid() %}', '{% $shuffle([1..20]) %}'],
    };
    const first = (await ask(template)) as { now: unknown; today: unknown; chance: [number, number, string] };
    expect(first.now).toEqual(['2026-01-02T03:04:05.678Z', Date.parse('2026-01-02T03:04:05.678Z'), '2026-01']);
    expect(first.today).toBe('2026-01-02T12:30:00.000Z');
    expect(first.chance[0]).not.toBe(first.chance[1]);
    expect(first.chance[2]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await ask(template)).toEqual(first);
    expect(await ask(template, { by: hasty })).toEqual(first);
    expect(await ask(template, { seed: 'other' })).not.toEqual(first);
  });

  it.each([
    ['$states.input.absent', /comes to nothing/],
    ['$sum', /function/],
    ['[$sum]', /function/],
    ['1/0', /JSON cannot say/],
    ['1 + "a"', /T2002/],
    ['$error("no such mail")', /no such mail/],
    ['$parse("{")', /no JSON/],
    ['$partition([1], 0)', /from 1/],
    ['$range(1, 2000, 1)', /at most 1000/],
    ['$range(1, 2, 0)', /not 0/],
    ['$hash("a", "CRC32")', /SHA-256/],
    ['(1', /none/],
  ])('fails by name: %s', async (expression, message) => {
    const { message: said, limit } = await refusal({ at: [`{% ${expression} %}`] });
    expect(said).toMatch(message);
    expect(said).toContain('at[0]');
    expect(limit).toBeUndefined();
  });
});

describe('a hostile expression', () => {
  it.each([
    '$eval("1 + 1")',
    '($e := $eval; $e("1"))',
    '$sum.implementation',
    '$sum.*',
    '$sum.**',
    '$spread($sum)',
    '$keys($sum)',
    '$lookup($sum, "implementation")',
    '$lookup({"f": $sum}, "f").signature',
    'function($x){$x}.environment',
    '$lookup(function($x){$x}, "environment")',
    '$states.input.constructor',
    '$states.input.__proto__',
    '$states.constructor.constructor("return process")()',
    '"".constructor',
    '$lookup($states.input, "toString")',
    '$process',
    '$globalThis',
    '$require("node:fs")',
  ])('gets at nothing but its variables: %s', async (expression) => {
    expect((await refusal(`{% ${expression} %}`)).limit).toBeUndefined();
  });

  it('changes nothing for the next one', async () => {
    await refusal('{% ($clone := function($x){ $x }; $sum ~> |$|{"implementation": "gone"}|) %}');
    await refusal('{% $sum ~> |$|{"implementation": "gone"}| %}');
    await refusal('{% function($x){ $x } ~> |$|{"body": "gone"}| %}');
    await ask('{% ($sum := 1; $now := 2; $states := 3; $v := 4) %}');
    expect(await ask({ a: '{% $states.input ~> |$|{"a": 2}| %}', b: '{% $states.input.a %}', c: '{% $v %}' })).toEqual({
      a: { ...input, a: 2 },
      b: 1,
      c: 3,
    });
    expect(await ask('{% [$sum([1, 2]), $now()] %}')).toEqual([3, '2026-01-02T03:04:05.678Z']);
  });

  it('finds patterns that take linear time', async () => {
    const text = `${'a'.repeat(50_000)}!`;
    expect(await ask('{% $contains($states.input, /^(a+)+$/) %}', { given: text, by: hasty })).toBe(false);
    expect(await ask('{% $contains($states.input, /(x+x+)+y/) %}', { given: 'x'.repeat(5000), by: hasty })).toBe(false);
  });

  it.each<[string, string, readonly QueryError['limit'][]]>([
    ['never ends', '($f := function($x){ $f($x + 1) }; $f(1))', ['time']],
    ['takes long', '$reduce([1..3000000], function($a, $b){ $a + $b })', ['time']],
    ['calls itself', '($f := function($x){ 1 + $f($x + 1) }; $f(1))', ['depth']],
    ['is nested deeply', '$reduce([1..150], function($a, $b){ {"a": $a} }, 1)', ['depth']],
    ['doubles a list', '$reduce([1..40], function($a, $b){ [$a, $a] }, ["x"])', ['memory', 'time']],
    ['doubles a text', '$uppercase($reduce([1..28], function($a, $b){ $a & $a }, "é"))', ['memory']],
    ['makes many numbers', '$map([1..10000000], function($i){ {"i": $i} })', ['time', 'memory']],
    ['is large', '$pad("x", 20000000)', ['size']],
    [
      'holds itself many times over',
      '$reduce([1..40], function($a, $b){ [$a & $b, $a] }, "x")',
      ['size', 'memory', 'time'],
    ],
  ])('that %s is stopped, and the next one runs', async (_what, expression, limits) => {
    expect(limits).toContain((await refusal(`{% ${expression} %}`, hasty)).limit);
    expect(await ask('{% 1 + 1 %}', { by: hasty })).toBe(2);
  });

  it('holds up none of the others', async () => {
    const order: string[] = [];
    // JSONata compares each with each and asks its guard nothing meanwhile: the process is ended.
    const slow = refusal('{% $distinct([1..500000]) %}', hasty).then(({ limit }) => order.push(`slow: ${limit}`));
    const others = Array.from({ length: 20 }, (_, index) => ask(`{% ${index} + $v %}`, { by: hasty }));
    await Promise.all(others).then(() => order.push('others'));
    await slow;
    expect(order).toEqual(['others', 'slow: time']);
  });
});

it.runIf(process.platform === 'linux')('runs without environment, core dumps and endless time', async () => {
  expect(await ask('{% 1 %}')).toBe(1);
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const found = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('expressions/child'));
  expect(found.length).toBeGreaterThan(0);
  for (const pid of found) {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(limits).toMatch(/Max cpu time +600 +600/);
    expect(limits).toMatch(/Max core file size +0 +0/);
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
      .map((one) => one.split('=')[0]);
    expect(
      names.filter(
        (name) => !['TZ', 'LANG', 'PWD', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'].includes(name ?? ''),
      ),
    ).toEqual([]);
  }
});

it('gives up a request whose caller did, and goes on with the others', async () => {
  const gone = new AbortController();
  const request = {
    expressions: '{% ($f := function($x){ $f($x + 1) }; $f(1)) %}',
    bindings: { states: {}, variables: {} },
    clock: '2026-01-02T03:04:05.678Z',
    seed: '',
  };
  const waiting = hasty.evaluate(request, gone.signal);
  const next = ask('{% 1 %}', { by: hasty });
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(hasty.evaluate(request, gone.signal)).rejects.toThrow('gone');
  expect(await next).toBe(1);
});

it('refuses all once it is closed', async () => {
  const closing = openEvaluator({ processes: 1 });
  const under = ['{% 1 %}', '{% 2 %}'].map((expression) => ask(expression, { by: closing }));
  await Promise.all([
    closing.close(),
    ...under.map((one) => expect(one).rejects.toThrow('closed')),
    expect(ask('{% 3 %}', { by: closing })).rejects.toThrow('closed'),
  ]);
});

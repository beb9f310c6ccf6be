import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { refusedFields, stateFields } from './asl-fields.ts';
import { parseDefinition } from './parse.ts';

const pass = { Type: 'Pass', End: true };

/** A document around a machine with these fields, and with these of the envelope. */
function document(machine: Record<string, unknown>, envelope: Record<string, unknown> = {}): string {
  return stringify({ name: 'trial', ...envelope, definition: { QueryLanguage: 'JSONata', ...machine } });
}

/** A machine of one state of the name A and what may follow. */
function withState(state: Record<string, unknown>, others: Record<string, unknown> = {}): string {
  return document({ StartAt: 'A', States: { A: state, ...others } });
}

function problemsOf(text: string): { path: string; message: string }[] {
  return parseDefinition(text).problems.map(({ path, message }) => ({ path, message }));
}

/** The one problem of a text, or several, as `path: message`. */
function said(text: string): string[] {
  return problemsOf(text).map(({ path, message }) => `${path}: ${message}`);
}

const task = { Type: 'Task', Resource: 'mcp://mail/fetch', End: true };

describe('the document', () => {
  it('is an envelope around a machine, whose defaults are filled in', () => {
    const parsed = parseDefinition(document({ StartAt: 'A', States: { A: pass } }));
    expect(parsed).toMatchObject({
      ok: true,
      envelope: { name: 'trial', scopes: [], sensitive: [], public: [], idempotent: [], triggers: [] },
      machine: { StartAt: 'A' },
    });
  });

  it.each([
    ['a: [1', /cannot be read as YAML/],
    ['a: 1\na: 2', /there twice/],
    ['{"a": {"b": 1, "b": 2}}', /there twice/],
    ['a: 1\n---\nb: 2', /multiple documents/],
    ['a: .inf', /no value of JSON/],
    ['a: !!binary aGk=', /no value of JSON|Unresolved tag/],
    ['__proto__: {a: 1}', /__proto__/],
    ['- 1', /no mapping/],
    ['? [a]\n: 1', /no text/],
    [`a: ${'['.repeat(100_000)}`, /nested/],
    [`a: ${'- '.repeat(100_000)}`, /mapping|nested/],
    [Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), /nested/],
    [`a: ${'!x '.repeat(50_000)}`, /tags/],
    [`a: &a [x]\n${Array.from({ length: 2000 }, (_, index) => `b${index}: *a`).join('\n')}`, /alias/i],
    [`a: ${'x'.repeat(300_000)}`, /256 KiB/],
    ['', /no mapping/],
  ])('refuses text %#', (text, message) => {
    const parsed = parseDefinition(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.problems[0]?.message).toMatch(message);
  });

  it('takes anchors, so that states may share what they say', () => {
    const text = [
      'name: trial',
      'definition:',
      '  QueryLanguage: JSONata',
      '  StartAt: A',
      '  States:',
      '    A: {Type: Task, Resource: mcp://a/b, Retry: &often [{ErrorEquals: [States.ALL]}], Next: B}',
      '    B: {Type: Task, Resource: mcp://a/b, Retry: *often, End: true}',
    ].join('\n');
    expect(said(text)).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ nmae: 'x' }, ''],
    [{ name: 'Trial' }, 'name'],
    [{ version: 0 }, 'version'],
    [{ scopes: ['lake:fly'] }, 'scopes[0]'],
    [{ concurrency: { runs: 0 } }, 'concurrency.runs'],
    [{ concurrency: { runs: 1, when_full: 'wait' } }, 'concurrency.when_full'],
    [{ input: { type: 'nothing' } }, 'input'],
    [{ input: { $ref: 'https://example.com/schema' } }, 'input'],
    [{ input: { pattern: '(?=a)' } }, 'input'],
    [{ input: { unknownKeyword: 1 } }, 'input'],
    [{ input: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } }, 'input'],
    [{ input: { type: 'array', uniqueItems: true } }, 'input'],
    [{ sensitive: ['B'] }, 'sensitive[0]'],
    [{ sensitive: ['A'], public: ['A'] }, 'public[0]'],
    [{ public: ['A'] }, 'public'],
    [{ idempotent: ['mail/fetch'] }, 'idempotent[0]'],
    [{ outcome: { status: '{% $states.errorOutput %}' } }, 'outcome.status'],
    [{ outcome: { status: '{% $x %}' } }, 'outcome.status'],
    [{ outcome: { text: 'x' } }, 'outcome'],
    [{ triggers: [{}] }, 'triggers[0]'],
    [{ triggers: [{ webhook: { source: 'x' }, event: { type: 'a.b' } }] }, 'triggers[0]'],
    [{ triggers: [{ schedule: { cron: 'every day' } }] }, 'triggers[0].schedule.cron'],
    [{ triggers: [{ schedule: { cron: '0 0 31 2 *' } }] }, 'triggers[0].schedule.cron'],
    [{ triggers: [{ schedule: { cron: '0 8 * * *', timezone: 'Mars/Base' } }] }, 'triggers[0].schedule.cron'],
    [{ triggers: [{ event: { type: 'dataset.*' } }] }, 'triggers[0].event.type'],
    [{ triggers: [{ event: { type: 'a.b', filter: 'true' } }] }, 'triggers[0].event.filter'],
    [{ triggers: [{ webhook: { source: 'x' }, input: '{% (1 %}' }] }, 'triggers[0].input'],
  ])('refuses the envelope %j at %s', (envelope, path) => {
    const found = problemsOf(document({ StartAt: 'A', States: { A: pass } }, envelope));
    expect(found.map((one) => one.path)).toContain(path);
  });

  it('takes a whole envelope', () => {
    const text = document(
      { StartAt: 'A', States: { A: { ...task, End: undefined, Next: 'B' }, B: pass } },
      {
        version: 3,
        description: 'Mails',
        input: {
          type: 'object',
          properties: { since: { type: 'string', format: 'date-time' }, tag: { type: 'string', pattern: '^[a-z]+$' } },
          additionalProperties: false,
        },
        scopes: ['lake:read'],
        concurrency: { runs: 1, when_full: 'cancel_oldest' },
        sensitive: ['A'],
        public: ['B'],
        idempotent: ['mail/fetch'],
        outcome: { status: '{% $states.result.failed > 0 ? "partial" : "succeeded" %}', summary: 'done' },
        triggers: [
          {
            schedule: { cron: '0 8 * * 1-5', timezone: 'Europe/Berlin', missed: 'once' },
            input: { since: '{% $now() %}' },
          },
          { webhook: { source: 'hook_1' }, input: '{% $states.input.body %}' },
          { event: { type: 'dataset.updated', filter: '{% $states.input.data.ok %}' } },
        ],
      },
    );
    expect(said(text)).toEqual([]);
  });
});

describe('the machine', () => {
  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ ...task, InputPath: '$.a' }, 'InputPath', /JSONPath/],
    [{ ...task, Parameters: {} }, 'Parameters', /JSONPath/],
    [{ ...task, ResultPath: '$' }, 'ResultPath', /JSONPath/],
    [{ ...task, TimeoutSecondsPath: '$' }, 'TimeoutSecondsPath', /JSONPath/],
    [{ ...task, HeartbeatSeconds: 1 }, 'HeartbeatSeconds', /heartbeat/],
    [{ ...task, Credentials: {} }, 'Credentials', /operator/],
    [{ ...task, Foo: 1 }, 'Foo', /no field/],
    [{ ...task, QueryLanguage: 'JSONPath' }, 'QueryLanguage', /JSONata/],
    [{ ...task, Resource: 'arn:aws:lambda' }, 'Resource', /mcp:/],
    [{ ...task, Arguments: [1] }, 'Arguments', /mapping/],
    [{ ...task, Arguments: 'all' }, 'Arguments', /mapping/],
    [{ ...task, TimeoutSeconds: 0 }, 'TimeoutSeconds', /from 1/],
    [{ ...task, TimeoutSeconds: 1.5 }, 'TimeoutSeconds', /whole/],
    [{ ...task, TimeoutSeconds: 'soon' }, 'TimeoutSeconds', /expression/],
    [{ ...task, Next: 'A' }, '', /either has Next or/],
    [{ ...task, End: false }, '', /either has Next or/],
    [{ ...task, Retry: {} }, 'Retry', /list/],
    [{ ...task, Retry: [{}] }, 'Retry[0].ErrorEquals', /at least one/],
    [{ ...task, Retry: [{ ErrorEquals: ['A'], Interval: 1 }] }, 'Retry[0].Interval', /no field/],
    [{ ...task, Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 0 }] }, 'Retry[0].IntervalSeconds', /from 1/],
    [{ ...task, Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.5 }] }, 'Retry[0].BackoffRate', /from 1/],
    [{ ...task, Retry: [{ ErrorEquals: ['A'], MaxAttempts: -1 }] }, 'Retry[0].MaxAttempts', /from 0/],
    [{ ...task, Retry: [{ ErrorEquals: ['A'], JitterStrategy: 'SOME' }] }, 'Retry[0].JitterStrategy', /FULL or NONE/],
    [{ ...task, Retry: [{ ErrorEquals: ['States.ALL', 'A'] }] }, 'Retry[0].ErrorEquals', /alone/],
    [{ ...task, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }, 'Retry[0].ErrorEquals', /last/],
    [{ ...task, Retry: [{ ErrorEquals: ['States.HeartbeatTimeout'] }] }, 'Retry[0].ErrorEquals[0]', /No state fails/],
    [{ ...task, Catch: [{ ErrorEquals: ['A'] }] }, 'Catch[0].Next', /name of a state/],
    [{ ...task, Catch: [{ ErrorEquals: ['A'], Next: 'X' }] }, 'Catch[0].Next', /no state beside/],
    [{ ...task, Catch: [{ ErrorEquals: ['A'], Next: 'A', ResultPath: '$' }] }, 'Catch[0].ResultPath', /JSONPath/],
    [{ ...pass, Arguments: {} }, 'Arguments', /no field/],
    [{ ...pass, Result: {} }, 'Result', /JSONPath/],
    [{ ...pass, Retry: [] }, 'Retry', /no field/],
    [{ ...pass, End: 'yes' }, 'End', /true or false/],
    [{ Type: 'Wait', End: true }, '', /either Seconds or Timestamp/],
    [{ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true }, '', /either Seconds or Timestamp/],
    [{ Type: 'Wait', Seconds: -1, End: true }, 'Seconds', /from 0/],
    [{ Type: 'Wait', Timestamp: '2026-01-01', End: true }, 'Timestamp', /RFC 3339/],
    [{ Type: 'Wait', Timestamp: '2026-13-01T00:00:00Z', End: true }, 'Timestamp', /RFC 3339/],
    [{ Type: 'Succeed', End: true }, 'End', /no field/],
    [{ Type: 'Succeed', Assign: {} }, 'Assign', /no field/],
    [{ Type: 'Fail', Output: 1 }, 'Output', /no field/],
    [{ Type: 'Fail', Error: 'States.Timeout' }, 'Error', /reserved/],
    [{ Type: 'Fail', CausePath: '$.a' }, 'CausePath', /JSONPath/],
    [{ Type: 'Fail', Cause: 3 }, 'Cause', /text/],
    [{ Type: 'Choice', Choices: [] }, 'Choices', /at least one/],
    [{ Type: 'Choice', Choices: [{ Variable: '$.a', Next: 'A' }] }, 'Choices[0].Variable', /JSONPath/],
    [{ Type: 'Choice', Choices: [{ Condition: 'yes', Next: 'A' }] }, 'Choices[0].Condition', /expression/],
    [{ Type: 'Choice', Choices: [{ Condition: true, Next: 'A' }], Next: 'A' }, 'Next', /no field/],
    [{ Type: 'Parallel', Branches: [], End: true }, 'Branches', /at least one/],
    [{ Type: 'Parallel', Branches: [{ StartAt: 'B' }], End: true }, 'Branches[0].States', /at least one/],
    [
      { Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: pass }, TimeoutSeconds: 1 }], End: true },
      'Branches[0].TimeoutSeconds',
      /no field/,
    ],
    [{ Type: 'Map', End: true }, 'ItemProcessor', /has ItemProcessor/],
    [{ Type: 'Map', Iterator: {}, End: true }, 'Iterator', /old name/],
    ...(
      [
        [{ ItemReader: {} }, 'ItemReader', /not supported/],
        [{ ResultWriter: {} }, 'ResultWriter', /not supported/],
        [{ ItemsPath: '$' }, 'ItemsPath', /JSONPath/],
        [{ Items: {} }, 'Items', /list/],
        [{ Label: 'x' }, 'Label', /distributed/],
        [{ ItemBatcher: {} }, 'ItemBatcher', /MaxItemsPerBatch/],
        [{ ItemBatcher: { MaxItemsPerBatch: 0 } }, 'ItemBatcher.MaxItemsPerBatch', /from 1/],
        [{ MaxConcurrency: -1 }, 'MaxConcurrency', /from 0/],
        [{ ToleratedFailurePercentage: 101 }, 'ToleratedFailurePercentage', /100/],
        [{ ToleratedFailureCount: 0.5 }, 'ToleratedFailureCount', /whole/],
      ] as const
    ).map(([more, path, message]): [Record<string, unknown>, string, RegExp] => [
      { Type: 'Map', End: true, ItemProcessor: { StartAt: 'B', States: { B: pass } }, ...more },
      path,
      message,
    ]),
    [
      {
        Type: 'Map',
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'B',
          States: { B: pass },
        },
      },
      'ItemProcessor.ProcessorConfig.Mode',
      /INLINE/,
    ],
    [{ Type: 'Dance' }, 'Type', /with a Type/],
  ])('refuses the state %j at %s', (state, path, message) => {
    const found = problemsOf(withState(state));
    const at = `definition.States.A${path === '' ? '' : `.${path}`}`;
    const here = found.filter((one) => one.path === at);
    expect(here.map((one) => one.message).join('\n'), JSON.stringify(found)).toMatch(message);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ StartAt: 'B', States: { A: pass } }, 'definition.StartAt'],
    [{ StartAt: 'A', States: {} }, 'definition.States'],
    [{ StartAt: 'A', States: { A: pass }, Version: '2.0' }, 'definition.Version'],
    [{ StartAt: 'A', States: { A: pass }, TimeoutSeconds: 0 }, 'definition.TimeoutSeconds'],
    [{ StartAt: 'A', States: { A: pass }, Result: 0 }, 'definition.Result'],
    [{ StartAt: 'A', States: { A: pass }, QueryLanguage: 'JSONPath' }, 'definition.QueryLanguage'],
    [{ StartAt: 'A', States: { A: pass }, QueryLanguage: undefined }, 'definition.QueryLanguage'],
    [{ StartAt: 'A', States: { A: pass, B: pass } }, 'definition.States.B'],
    [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } }, 'definition.States.A'],
    [{ StartAt: 'a/b', States: { 'a/b': pass } }, 'definition.States["a/b"]'],
    [
      {
        StartAt: 'A',
        States: { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: pass } }], End: true } },
      },
      'definition.States.A.Branches[0].States.A',
    ],
  ])('refuses the machine %j at %s', (machine, path) => {
    expect(problemsOf(document(machine)).map((one) => one.path)).toContain(path);
  });

  it('refuses each field that a type of state does not have, those of JSONPath among them, by its name', () => {
    const fields = [...new Set([...Object.keys(refusedFields), ...Object.values(stateFields).flatMap(Object.keys)])];
    for (const [type, own] of Object.entries(stateFields)) {
      for (const field of fields.filter((name) => !(name in own))) {
        const refused = problemsOf(withState({ Type: type, [field]: 1 })).some(
          ({ path, message }) => path === `definition.States.A.${field}` && message.includes(field),
        );
        expect({ type, field, refused }).toEqual({ type, field, refused: true });
      }
    }
  });

  it('lets no state of a scope lead out of it or into another', () => {
    const inner = { Type: 'Pass', Next: 'C' };
    const found = said(
      withState({ Type: 'Map', ItemProcessor: { StartAt: 'B', States: { B: inner } }, Next: 'B' }, { C: pass }),
    );
    expect(found.join('\n')).toContain('definition.States.A.ItemProcessor.States.B.Next: "C" is no state beside it');
    expect(found.join('\n')).toContain('definition.States.A.Next: "B" is no state beside it');
  });

  it.each<[string, RegExp]>([
    ['{% (1 %}', /no expression/],
    ['{% $eval("1") %}', /\$eval/],
    ['{% ($clone := function($x){$x}; 1) %}', /\$clone/],
    ['{% $contains("a", /(?=a)/) %}', /RE2/],
    ['{% $contains("a", /(a)\\1/) %}', /RE2/],
    ['{% total %}', /bare name/],
    ['{% $ %}', /bare name/],
    ['{% $$.total %}', /\$\$/],
    ['{% {"a": total} %}', /bare name/],
    ['{% $map([1], function($x){ total + $x }) %}', /bare name/],
    ['{% $states.result %}', /\$states\.result/],
    ['{% $states.errorOutput %}', /\$states\.errorOutput/],
    ['{% $states.imput %}', /\$states\.imput/],
    ['{% $unknown %}', /\$unknown/],
    ['{% $states.input', /half an expression/],
    [`{% ${'('.repeat(3000)}1${')'.repeat(3000)} %}`, /no expression/],
    [`{% "${'x'.repeat(17_000)}" %}`, /longer than/],
  ])('refuses expression %#', (expression, message) => {
    expect(said(withState({ Type: 'Pass', Output: { deep: [{ in: expression }] }, End: true })).join()).toMatch(
      message,
    );
  });

  it('takes whatever JSONata says', () => {
    const expressions = [
      '{% $states.input.orders[total > 10 and $.paid].id %}',
      '{%\n  $states.input\n%}',
      '{%$now()%}',
      '{% $states.input.items.{"a": b, "c": $} %}',
      '{% $states.input.items{ name: $sum(price) } %}',
      '{% $states.input.items^(>price, name)[0] %}',
      '{% ($total := $sum([1..3]); $twice := function($x){ $x * 2 }; $twice($total)) %}',
      '{% $states.input.loans@$l.books#$i.{"l": $l, "i": $i} %}',
      '{% $states.input ~> |items|{"seen": price}, "secret"| %}',
      '{% $filter($states.input.items, function($v, $i, $a){ $v.price > 1 }) %}',
      '{% $replace("a", /(\\w)(\\d)?/i, "$1") & $hash("x", "SHA-256") & $uuid() & $string($partition([1..5], 2)) %}',
      '{% $states.context.Execution.Id %}',
      'plain {% in the middle %} text',
      '',
    ];
    const Output = { Next: expressions, States: { StartAt: expressions } };
    expect(said(withState({ Type: 'Pass', Output, End: true }))).toEqual([]);
  });

  it('knows the variables of a scope and those around it, and lets inner scopes only read', () => {
    const machine = (inner: Record<string, unknown>, after: Record<string, unknown> = {}) =>
      document({
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Each' },
          Each: {
            Type: 'Map',
            Items: [1],
            ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true, ...inner } } },
            Catch: [{ ErrorEquals: ['States.ALL'], Assign: { caught: '{% $states.errorOutput %}' }, Next: 'Last' }],
            Next: 'Last',
          },
          Last: { ...pass, ...after },
        },
      });
    expect(said(machine({ Assign: { inner: '{% $outer %}' } }, { Output: '{% $caught %}' }))).toEqual([]);
    expect(said(machine({ Assign: { outer: 2 } })).join()).toMatch(/read only here/);
    expect(said(machine({ Assign: { inner: 2 } }, { Output: '{% $inner %}' })).join()).toMatch(/\$inner/);
    for (const name of ['states', 'sum', 'uuid', '1x', 'a-b', ''])
      expect(said(machine({ Assign: { [name]: 2 } })).join(), name).toMatch(/reserved|function|no name/);
  });
});

it('never throws, whatever it is given', () => {
  const key = fc.constantFrom(
    ...'name definition StartAt States A B Type Next End Choices Condition Branches ItemProcessor Retry Catch'.split(
      ' ',
    ),
    ...'ErrorEquals Output Assign Arguments Items QueryLanguage triggers input sensitive schedule __proto__'.split(' '),
  );
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.constantFrom('Task', 'Map', 'Parallel', 'Choice', 'A', 'B', 'JSONata', '{% $x %}', '{% (', 'States.ALL', '%}'),
      fc.jsonValue(),
    ),
    tree: fc.oneof(
      { maxDepth: 6 },
      tie('leaf'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(key, fc.string()), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(fc.oneof(tree, fc.record({ name: fc.constant('a'), definition: tree })), (given) => {
      const parsed = parseDefinition(JSON.stringify(given));
      expect(parsed.ok).toBe(parsed.problems.length === 0);
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary', size: 'max' }), (text) => {
      expect(parseDefinition(text).problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});

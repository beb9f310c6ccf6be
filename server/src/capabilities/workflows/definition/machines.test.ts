import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMachine } from '../../../../test/support/any-machine.ts';
import { checkByValidator } from './asl-validator.ts';
import { checkMachine } from './check-machine.ts';
import { type CallableTool, checkAgainstServers, type ServerLookup } from './check-servers.ts';
import { drawMermaid } from './draw.ts';
import { createFound } from './found.ts';
import type { JsonObject } from './json.ts';
import { type Machine, parseResource } from './machine.ts';
import { parseDefinition } from './parse.ts';
import { serversOf, statesOf } from './walk.ts';

it('takes and draws every machine that is made by the rules', () => {
  fc.assert(
    fc.property(anyMachine, (machine) => {
      const found = createFound();
      checkMachine(machine, ['definition'], found);
      expect(found.problems).toEqual([]);
      const drawing = drawMermaid(machine);
      for (const { name } of statesOf(machine)) expect(drawing).toContain(`"${name}<br/>`);
    }),
    { numRuns: 150 },
  );
  // asl-validator takes its time: it compiles its schemas for each machine.
  fc.assert(
    fc.property(anyMachine, (machine) => {
      expect(parseDefinition(JSON.stringify({ name: 'any', definition: machine })).problems).toEqual([]);
    }),
    { numRuns: 5 },
  );
});

it('takes nothing that cannot be walked, drawn and compared, whatever one value of a machine is changed to', () => {
  const junk = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, true, 0, -1, '', 'Gone', '{% $x %}', [], {}, ['a'], { StartAt: 'A' }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  fc.assert(
    fc.property(anyMachine, fc.nat(), junk, (machine, place, value) => {
      const copy = structuredClone(machine);
      const places = placesIn(copy);
      const [holder, name] = places[place % places.length] as [Record<string, unknown>, string];
      // What is undefined is left out, as JSON does.
      holder[name] = value;
      const changed = JSON.parse(JSON.stringify(copy)) as Machine;
      const found = createFound();
      checkMachine(changed, ['definition'], found);
      if (found.problems.length > 0) return;
      expect(drawMermaid(changed).length).toBeGreaterThan(0);
      expect(checkAgainstServers(changed, () => 'unlisted')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Every value of a machine by its holder and name. */
function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([name, inner]) => [
    [holder, name] as [typeof holder, string],
    ...placesIn(inner),
  ]);
}

it('asks asl-validator as well, whatever the states are called', () => {
  const said = (machine: unknown) => {
    const found = createFound();
    checkByValidator(machine, ['definition'], found);
    return found.problems.map(({ path, message }) => `${path}: ${message}`);
  };
  const machine = (state: object) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'Next',
    States: {
      Next: { Type: 'Pass', Comment: '', ...state },
      Default: { Type: 'Succeed', Output: { States: { a: 1 }, Next: 'x' } },
    },
  });
  expect(said(machine({ Next: 'Default', Output: '{%\n1\n%}' }))).toEqual([]);
  expect(
    said({ ...machine({}), StartAt: 'A', States: { A: { Type: 'Fail', Cause: 'line\nline', Error: '' } } }),
  ).toEqual([]);
  expect(said(machine({ Next: 'Gone' })).join()).toContain('Gone');
  expect(said(machine({ Next: 'Default', Foo: 1 })).join()).toMatch(/definition\.States\.Next: asl-validator/);
  expect(said({ States: null }).join()).toMatch(/asl-validator/);
});

it('reads the resource of a task', () => {
  expect(parseResource('mcp://mail-1/fetch_emails')).toEqual({ server: 'mail-1', tool: 'fetch_emails' });
  for (const wrong of [
    'mcp://mail',
    'mcp://mail/',
    'mcp:///a',
    'mcp://Mail/a',
    'mcp://mail/a b',
    'http://mail/a',
    'mcp://mail/a?x=1',
  ])
    expect(parseResource(wrong), wrong).toBeUndefined();
});

describe('what the servers offer', () => {
  const tools: Readonly<Record<string, readonly CallableTool[]>> = {
    mail: [
      {
        name: 'fetch',
        inputSchema: {
          type: 'object',
          properties: {
            since: { type: 'string', format: 'date-time' },
            most: { $ref: '#/$defs/count' },
            tag: { type: 'string', pattern: '^(?=a)' },
          },
          $defs: { count: { type: 'integer', minimum: 1 } },
          required: ['since'],
          additionalProperties: false,
        },
      },
    ],
    tutti: [{ name: 'list_datasets', inputSchema: { type: 'object' }, scope: 'lake:read' }],
  };
  const lookup: ServerLookup = (server) => (server === 'away' ? 'unlisted' : (tools[server] ?? 'undeclared'));
  const said = (Resource: string, Arguments?: JsonObject | string, scopes?: string[]) => {
    const machine: Machine = {
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource, ...(Arguments !== undefined && { Arguments }), End: true } },
    };
    return checkAgainstServers(machine, lookup, scopes).map(({ path, message }) => `${path.slice(19)}: ${message}`);
  };

  it.each<[string, JsonObject | string | undefined, string | undefined]>([
    ['mcp://mail/fetch', undefined, undefined],
    ['mcp://mail/fetch', '{% $states.input %}', undefined],
    ['mcp://mail/fetch', { since: '{% $now() %}', most: 3, tag: 'b' }, undefined],
    ['mcp://away/anything', { a: 1 }, undefined],
    ['mcp://gone/fetch', {}, '.Resource: No server gone is declared.'],
    ['mcp://mail/send', {}, '.Resource: mail has no tool send.'],
    ['mcp://mail/fetch', {}, '.Arguments: fetch wants the argument "since".'],
    ['mcp://mail/fetch', { since: '{% 1 %}', until: 1 }, '.Arguments.until: fetch has no such argument.'],
    ['mcp://mail/fetch', { since: '{% 1 %}', most: 0 }, '.Arguments.most: It must be >= 1.'],
    ['mcp://mail/fetch', { since: 3 }, '.Arguments.since: It must be string.'],
    ['mcp://tutti/list_datasets', {}, '.Resource: list_datasets needs the scope lake:read.'],
    ['mcp://tutti/request_approval', undefined, '.Arguments: request_approval wants the argument "message".'],
    [
      'mcp://tutti/request_approval',
      { message: 'Go?', who: 'me' },
      '.Arguments.who: request_approval has no such argument.',
    ],
    ['mcp://tutti/request_approval', { message: '{% $states.input.text %}', expires_s: 60 }, undefined],
  ])('%s with %j: %s', (resource, given, problem) => {
    expect(said(resource, given)).toEqual(problem === undefined ? [] : [problem]);
  });

  it.each<[JsonObject, number]>([
    [{ message: 'Go?', fields: { type: 'object', properties: { amount: { type: 'number', minimum: 0 } } } }, 0],
    [{ message: 'Go?', fields: { type: 'object', properties: { deep: { type: 'object' } } } }, 1],
    [{ message: 'Go?', fields: { type: 'objekt' } }, 1],
    [{ message: 'Go?', fields: { type: 'object', required: ['amount'] } }, 1],
    [{ message: 'Go?', fields: ['amount'] }, 1],
    [{ message: 5, approvers: 'desk', expires_s: 0 }, 3],
    [{ message: 'Go?', fields: '{% $states.input.form %}' }, 0],
  ])('an approval may ask for plain values: %j', (given, problems) => {
    expect(said('mcp://tutti/request_approval', given)).toHaveLength(problems);
  });

  it('is compared with the scopes of the envelope', () => {
    expect(said('mcp://tutti/list_datasets', {}, ['lake:read'])).toEqual([]);
  });

  it('is asked of the servers that are called, deep ones too', () => {
    const inner = { StartAt: 'B', States: { B: { Type: 'Task', Resource: 'mcp://b/x', End: true } } } as const;
    const machine: Machine = {
      StartAt: 'A',
      States: {
        A: { Type: 'Map', ItemProcessor: inner, Next: 'C' },
        C: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'D', States: { D: { Type: 'Task', Resource: 'mcp://d/x', End: true } } }],
          End: true,
        },
      },
    };
    expect(serversOf(machine)).toEqual(['b', 'd']);
  });
});

it('draws states of every type, with labels that cannot break out', () => {
  const name = 'Say "hi"; end <b>&';
  const drawing = drawMermaid({
    StartAt: name,
    States: {
      [name]: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.a = "]" %}', Next: 'Each' }], Default: 'Off' },
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Wait', Seconds: 1, End: true } } },
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Off' }],
        Next: 'Both',
      },
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'Left', States: { Left: { Type: 'Succeed' } } }], End: true },
      Off: { Type: 'Fail' },
    },
  });
  expect(drawing).toBe(`flowchart TD
  b0((" "))
  s0{"Say #34;hi#34;#59; end #60;b#62;#38;<br/>Choice"}
  s1[["Off<br/>Fail"]]
  subgraph s2["Each<br/>Map"]
    b1((" "))
    s4{{"In<br/>Wait"}}
    b1 --> s4
  end
  subgraph s3["Both<br/>Parallel"]
    subgraph s3_0["0"]
      b2((" "))
      s5(["Left<br/>Succeed"])
      b2 --> s5
    end
  end
  b0 --> s0
  s0 -->|"otherwise"| s1
  s0 -->|"#123;#37; #36;states.input.a #61; #34;#93;#34; #37;#125;"| s2
  s2 --> s3
  s2 -.->|"States.Timeout"| s1
`);
});

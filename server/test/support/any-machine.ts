import fc from 'fast-check';
import type { Catcher, Machine, Retrier, Scope, State } from '../../src/capabilities/workflows/definition/machine.ts';

/** The tools that such machines call, as `mcp://s/<tool>`. */
export const anyTools = ['echo', 'flaky', 'broken'] as const;

/** What one state is made of before it has a name and a place. */
interface Draft {
  readonly kind: State['Type'];
  /** How far ahead its other ways lead. */
  readonly ahead: number;
  readonly number: number;
  readonly flag: boolean;
  readonly tool: (typeof anyTools)[number];
  readonly inner: readonly (readonly Draft[])[];
}

const leaf = ['Task', 'Task', 'Pass', 'Choice', 'Wait'] as const;
const draft: fc.Arbitrary<Draft> = fc.letrec<{ draft: Draft; scope: readonly Draft[] }>((tie) => ({
  scope: fc.array(tie('draft'), { minLength: 1, maxLength: 4 }),
  draft: fc.record({
    kind: fc.oneof(fc.constantFrom(...leaf), fc.constantFrom<State['Type']>('Map', 'Parallel')),
    ahead: fc.nat(4),
    number: fc.nat(3),
    flag: fc.boolean(),
    tool: fc.constantFrom(...anyTools),
    inner: fc.oneof({ maxDepth: 1 }, fc.constant([]), fc.array(tie('scope'), { minLength: 1, maxLength: 2 })),
  }),
})).draft;

/**
 * Machines that are valid and come to an end, whatever their tools answer: every state leads to a later one. Their input is
 * an object with a list `items`.
 */
export const anyMachine: fc.Arbitrary<Machine> = fc
  .record({ drafts: fc.array(draft, { minLength: 1, maxLength: 6 }), fails: fc.boolean() })
  .map(({ drafts, fails }) => {
    const names = { count: 0 };
    return { QueryLanguage: 'JSONata', ...scopeOf(drafts, names, fails) };
  });

function scopeOf(drafts: readonly Draft[], names: { count: number }, fails = false): Scope {
  const own = drafts.map(({ kind }) => {
    names.count += 1;
    return `${kind} ${names.count}`;
  });
  const last = `${fails ? 'Fail' : 'Succeed'} ${names.count + 1}`;
  names.count += 1;
  const variable = `v${names.count}`;
  const all = [...own, last];
  const states = drafts.map((one, index) => {
    const next = all[index + 1] as string;
    const later = all[Math.min(index + 1 + one.ahead, drafts.length)] as string;
    return [own[index], stateOf(one, { next, later, variable }, names)] as const;
  });
  const end: State = fails
    ? { Type: 'Fail', Error: 'Meant', Cause: '{% "at " & $string($exists($states.input)) %}' }
    : { Type: 'Succeed' };
  return { StartAt: all[0] as string, States: Object.fromEntries([...states, [last, end]]) };
}

function stateOf(
  { kind, number, flag, tool, inner }: Draft,
  { next, later, variable }: { next: string; later: string; variable: string },
  names: { count: number },
): State {
  const assigned = flag ? { Assign: { [variable]: `{% $exists($${variable}) ? $${variable} + 1 : ${number} %}` } } : {};
  const retry: Retrier[] = [
    { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: number, JitterStrategy: 'FULL' },
  ];
  const catcher: Catcher = {
    ErrorEquals: ['States.ALL'],
    Next: later,
    Output: { items: [], error: '{% $states.errorOutput.Error %}' },
  };
  const recovers = { ...(flag && { Retry: retry }), Catch: [catcher] };
  switch (kind) {
    case 'Task':
      return {
        Type: 'Task',
        Resource: `mcp://s/${tool}`,
        Arguments: { n: number, chance: '{% $random() %}', at: '{% $now() %}' },
        Output: { items: [number, '{% $states.result %}'] },
        ...assigned,
        ...recovers,
        Next: next,
      };
    case 'Choice':
      return {
        Type: 'Choice',
        Choices: [{ Condition: `{% $random() < 0.${number + 1} %}`, Next: later, ...assigned }],
        Default: next,
      };
    case 'Wait':
      return { Type: 'Wait', ...(flag ? { Seconds: number } : { Timestamp: '2026-01-01T00:00:01Z' }), Next: next };
    case 'Map':
      return {
        Type: 'Map',
        Items: flag ? [1, 2, 3] : '{% [$states.input.items] %}',
        ItemSelector: { items: ['{% $states.context.Map.Item.Value %}'] },
        ItemProcessor: scopeOf(inner[0] ?? [], names),
        MaxConcurrency: number,
        ...(number > 1 && { ToleratedFailureCount: '{% 1 %}' }),
        Output: { items: '{% $states.result %}' },
        ...recovers,
        Next: next,
      };
    case 'Parallel':
      return {
        Type: 'Parallel',
        Branches: inner.length === 0 ? [scopeOf([], names)] : inner.map((branch) => scopeOf(branch, names)),
        Output: { items: '{% $states.result %}' },
        ...recovers,
        Next: next,
      };
    default:
      return { Type: 'Pass', Output: '{% {"items": [$states.input.items]} %}', ...assigned, Next: next };
  }
}

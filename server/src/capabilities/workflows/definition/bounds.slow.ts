import { describe, expect, it } from 'vitest';
import { parseDefinition } from './parse.ts';

const document = (states: Record<string, object>) =>
  JSON.stringify({
    name: 'large',
    definition: { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states },
  });

function chain(length: number, next = (n: number) => `s${n + 1}`): Record<string, object> {
  const state = (n: number) => (n === length - 1 ? { Type: 'Succeed' } : { Type: 'Pass', Next: next(n) });
  return Object.fromEntries(Array.from({ length }, (_, n) => [`s${n}`, state(n)]));
}

function nested(depth: number): object {
  const inner = depth === 0 ? { Type: 'Pass' } : { Type: 'Map', ItemProcessor: nested(depth - 1) };
  return { StartAt: `m${depth}`, States: { [`m${depth}`]: { ...inner, End: true } } };
}

const every = { length: 2500 };

/** As large as a document may be: each is read within the time of a test, for reading keeps all others waiting. */
describe('a definition as large as it may be', () => {
  it.each([
    ['states one behind the other', document(chain(6000))],
    [
      'expressions',
      document({
        a: { Type: 'Pass', Output: Array.from(every, (_, n) => `{% $states.input.a${n} & 'x' %}`), End: true },
      }),
    ],
    [
      'rules',
      document({
        a: { Type: 'Choice', Choices: Array.from(every, () => ({ Condition: '{% true %}', Next: 'b' })) },
        b: { Type: 'Succeed' },
      }),
    ],
  ])('is read: %s', (_, text) => {
    expect(parseDefinition(text)).toMatchObject({ ok: true });
  });

  it('is refused beyond that, by its size or its depth', () => {
    const messages = [document(chain(10_000)), JSON.stringify({ name: 'deep', definition: nested(50) })]
      .map(parseDefinition)
      .map(({ problems }) => problems[0]?.message);
    expect(messages).toEqual(['The document is larger than 256 KiB.', 'The document is nested more than 60 deep.']);
  });

  it('tells some of its problems, not thousands', () => {
    const { problems } = parseDefinition(document(chain(3000, (n) => `missing${n}`)));
    expect(problems.length).toBe(50);
  });
});

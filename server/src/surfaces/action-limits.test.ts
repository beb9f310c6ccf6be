import { expect, test } from 'vitest';
import { actionLimits, actionProblems } from './action-limits.ts';

const long = (chars: number) => 'x'.repeat(chars);
const field = (description: string) => ({
  content: {
    'application/json': { schema: { properties: { deep: { items: { properties: { one: { description } } } } } } },
  },
});
const operation = (operationId: string, more: object = {}) => ({
  post: { operationId, summary: 's', description: 'd', 'x-openai-isConsequential': false, ...more },
});
const document = (paths: object = { '/a': operation('a') }, more: object = {}) => ({
  servers: [{ url: 'https://tutti.example.com/actions' }],
  paths,
  ...more,
});

test('what is within the limits has no problem', () => {
  const { descriptionChars, parameterChars, operations } = actionLimits;
  const most = Object.fromEntries(Array.from({ length: operations }, (_, n) => [`/${n}`, operation(`o${n}`)]));
  expect(actionProblems(document(most))).toEqual([]);
  const full = {
    description: long(descriptionChars),
    summary: long(descriptionChars),
    requestBody: field(long(parameterChars)),
  };
  expect(actionProblems(document({ '/a': operation('a', full) }))).toEqual([]);
  // A field of that name is no text.
  const named = { requestBody: { content: { json: { schema: { properties: { description: { type: 'string' } } } } } } };
  expect(actionProblems(document({ '/a': operation('a', named) }))).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  [
    '31 operations',
    document(Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`/${n}`, operation(`o${n}`)]))),
    /31 operations/,
  ],
  ['a megabyte', document(undefined, { info: long(1_000_000) }), /less than 1 MB/],
  ['an id twice', document({ '/a': operation('a'), '/b': operation('a') }), /operationId/],
  ['no id', document({ '/a': operation('a', { operationId: undefined }) }), /no operationId/],
  [
    'a long description',
    document({ '/a': operation('a', { description: long(301) }) }),
    /^post \/a has a long description$/,
  ],
  ['a long summary', document({ '/a': operation('a', { summary: long(301) }) }), /long summary/],
  [
    'a long parameter',
    document({ '/a': operation('a', { parameters: [{ description: long(701) }] }) }),
    /parameters\.0/,
  ],
  ['a long field', document({ '/a': operation('a', { requestBody: field(long(701)) }) }), /properties\.one/],
  [
    'an object without properties',
    document({
      '/a': operation('a', { responses: { 200: { schema: { type: 'object', additionalProperties: {} } } } }),
    }),
    /answers\.200\.schema$/,
  ],
  ['a header', document({ '/a': operation('a', { parameters: [{ in: 'header', name: 'x' }] }) }), /header/],
  [
    'no word on consequences',
    document({ '/a': operation('a', { 'x-openai-isConsequential': undefined }) }),
    /isConsequential/,
  ],
  ['no server', document(undefined, { servers: undefined }), /server/],
  [
    'two servers',
    document(undefined, { servers: [{ url: 'https://a.example' }, { url: 'https://b.example' }] }),
    /server/,
  ],
  ['http', document(undefined, { servers: [{ url: 'http://a.example' }] }), /https/],
  ['another port', document(undefined, { servers: [{ url: 'https://a.example:8443' }] }), /443/],
  ['two ways in', document(undefined, { components: { securitySchemes: { a: {}, b: {} } } }), /second way in: b/],
])('%s is told, and nothing else', (_what, given, problem) => {
  const problems = actionProblems(given);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});

test('what is no document at all has problems, and no fault of ours', () => {
  for (const given of [{}, [], 'x', 7, null]) expect(actionProblems(given)).not.toEqual([]);
});

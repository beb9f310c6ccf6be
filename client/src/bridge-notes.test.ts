import { expect, test } from 'vitest';
import { failureIn, orchestraNotes } from './bridge-notes.ts';

test('of the variables it says whether they are set and where a key goes, and no value', () => {
  const notes = orchestraNotes({
    ORCHESTRA_API_KEY: 'the-key-itself',
    ORCHESTRA_API_KEY_FILE: '/a/secret/place',
    ORCHESTRA_API_BASE_URL: 'https://user:word@example.com/api/engine/public/?token=abc#d',
  });
  expect(notes).toBe(
    'ORCHESTRA_API_KEY is set: yes\nORCHESTRA_API_KEY_FILE is set: yes\nORCHESTRA_API_BASE_URL: https://example.com/api/engine/public/\n',
  );
  expect(orchestraNotes({})).toMatch(/KEY is set: no\n.*FILE is set: no\n.*not set/);
  expect(orchestraNotes({ ORCHESTRA_API_KEY: 'op://vault/item/field' })).toMatch(/yes, but it is a reference/);
  expect(orchestraNotes({ ORCHESTRA_API_KEY: 'op://vault/item/field' })).not.toContain('vault');
  for (const ORCHESTRA_API_BASE_URL of ['the-key-by-mistake', 'file:///etc/the-key-by-mistake'])
    expect(orchestraNotes({ ORCHESTRA_API_BASE_URL })).not.toContain('mistake');
});

const answer = (text: string, isError = true) => ({
  jsonrpc: '2.0' as const,
  id: 1,
  result: { isError, content: [{ type: 'text', text }] },
});
const envelope = (error: object) => JSON.stringify({ success: false, error });

test('of a failure it says the code and the status, and no words', () => {
  const error = { code: 'ORCHESTRA_FORBIDDEN', message: 'm', details: { status: 403, said: { text: 'secret' } } };
  expect(failureIn(answer(envelope(error)))).toBe(' ORCHESTRA_FORBIDDEN, status 403');
  expect(failureIn(answer(envelope({ code: 'NOT_FOUND' })))).toBe(' NOT_FOUND');
  expect(failureIn(answer(envelope({ code: 'a secret', details: { status: 'x' } })))).toBe('');
  for (const text of ['', 'null', '[]', '{"error": 1}']) expect(failureIn(answer(text))).toBe('');
  expect(failureIn(answer(envelope(error), false))).toBe('');
  expect(failureIn({ jsonrpc: '2.0', id: 1, result: { isError: true, content: 'x' } })).toBe('');
});

import { describe, expect, test } from 'vitest';
import { AppError, addErrorCodes, envelope, errorRow, untrusted } from './errors.ts';

describe('the envelope', () => {
  test('says what our own error says', () => {
    const error = new AppError(
      'NOT_FOUND',
      'No such thing.',
      'Look elsewhere.',
      { id: 'x' },
      { cause: 'secret cause' },
    );
    expect(envelope(error)).toEqual({
      success: false,
      error: {
        code: 'NOT_FOUND',
        message: 'No such thing.',
        suggestion: 'Look elsewhere.',
        retryable: false,
        details: { id: 'x' },
      },
    });
    expect(JSON.stringify(envelope(error))).not.toContain('secret');
  });

  test.each([
    ['an Error', new Error('password=hunter2 at /srv/key')],
    ['an error with a code', Object.assign(new Error('hunter2'), { code: 'NOT_FOUND', suggestion: 'hunter2' })],
    ['an error that calls itself ours', Object.assign(new Error('hunter2'), { name: 'AppError' })],
    ['an AggregateError', new AggregateError([new Error('hunter2')], 'hunter2')],
    ['a text', 'hunter2'],
    ['an envelope', { success: false, error: { code: 'X', message: 'hunter2' } }],
    ['nothing', undefined],
    ['null', null],
  ])('says nothing of %s', (_what, thrown) => {
    const body = envelope(thrown);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(body.error).toMatchObject({
      code: 'INTERNAL',
      retryable: false,
      suggestion: expect.stringMatching(/\S{3}/),
    });
    expect(body.error).not.toHaveProperty('details');
  });

  test('knows which failures may be tried again', () => {
    expect(envelope(new AppError('UPSTREAM_FAILED', 'Away.', 'Wait.')).error.retryable).toBe(true);
  });
});

describe('the table of errors', () => {
  test('takes the rows of a capability, the same one as often as it is given', () => {
    const row = { http: 418, exit: 9, retryable: true };
    addErrorCodes({ TEA_TEST: row });
    addErrorCodes({ TEA_TEST: { ...row } });
    expect(errorRow('TEA_TEST')).toEqual(row);
  });

  test('refuses two meanings of one code', () => {
    expect(() => addErrorCodes({ NOT_FOUND: { http: 410, exit: 1, retryable: false } })).toThrow('NOT_FOUND');
    expect(errorRow('NOT_FOUND').http).toBe(404);
  });

  test('a code that it does not know is a failure of the server', () => {
    expect(errorRow('NOBODY_KNOWS')).toEqual({ http: 500, exit: 1, retryable: false });
    expect(errorRow('__proto__')).toEqual({ http: 500, exit: 1, retryable: false });
  });
});

test('foreign text is marked and cut', () => {
  expect(untrusted('log', 'abcdef', 3)).toEqual({ untrusted: true, source: 'log', text: 'abc…' });
  expect(untrusted('log', 'abc', 3).text).toBe('abc');
});

import { expect, test } from 'vitest';
import { bearer } from './guard.ts';

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   abc.def_-~+/=', 'abc.def_-~+/='],
])('%j carries a token', (header, token) => expect(bearer(header)).toBe(token));

test.each([undefined, '', 'Bearer', 'Bearer ', 'abc', 'Basic abc', 'Bearer a b', 'xBearer abc', 'Bearer\nabc'])(
  '%j carries none',
  (header) => expect(bearer(header)).toBeUndefined(),
);

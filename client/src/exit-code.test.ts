import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lakeErrors } from '../../server/src/capabilities/lake/errors.ts';
import { addErrorCodes, errorRow } from '../../server/src/core/errors.ts';
import { exitCode } from './exit-code.ts';

const table = readFileSync(new URL('../../server/src/core/errors.ts', import.meta.url), 'utf8');
const codes = [...table.matchAll(/^ {4}([A-Z_]+): row\(/gm)].map((match) => match[1] ?? '');

test('every code ends the command as the error table of the server says', () => {
  addErrorCodes(lakeErrors);
  expect(codes.length).toBeGreaterThan(10);
  const all = [...codes, ...Object.keys(lakeErrors)];
  const ours = all.map((code) => [code, exitCode({ code, status: errorRow(code).http })]);
  expect(ours).toEqual(all.map((code) => [code, errorRow(code).exit]));
});

test('what no server answered has an exit code too', () => {
  expect(exitCode({ code: 'UNAVAILABLE', status: undefined })).toBe(6);
  expect(exitCode({ code: 'VALIDATION_FAILED', status: undefined })).toBe(2);
  expect(exitCode({ code: 'SERVER_NOT_INSTALLED', status: undefined })).toBe(1);
});

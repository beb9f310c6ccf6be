import { expect, test } from 'vitest';
import { linesOf } from '../logs/plain-text.ts';
import { excerptOf, headline, tellingLine } from './excerpt.ts';

const noise = (count: number, name = 'step') => Array.from({ length: count }, (_, at) => `${name} ${at} done`);

test('the lines around the last error are taken, not the end of the log', () => {
  const lines = [...noise(50), 'ERROR: the first', ...noise(50), '12:00:01 ERROR: the last', ...noise(500, 'later')];
  const { text, line, marked, cut } = excerptOf(lines, 4000);
  expect({ line, marked, cut }).toEqual({ line: 'ERROR: the last', marked: true, cut: true });
  expect(text).toContain('step 49 done\n12:00:01 ERROR: the last\nlater 0 done');
  expect(text).not.toContain('later 20');
  expect(text).not.toContain('the first');
});

test('counts of no errors and summaries are no errors', () => {
  const lines = [
    'ValueError: bad row 7',
    ...noise(20),
    '0 errors',
    'Done. PASS=2 ERROR=1',
    'finished without errors',
    'failed: 0',
  ];
  expect(excerptOf(lines, 4000).line).toBe('ValueError: bad row 7');
});

test('a clear error counts more than a later word that may be one', () => {
  expect(excerptOf(['FATAL: disk is gone', 'upload failed, will go on'], 4000).line).toBe('FATAL: disk is gone');
  expect(excerptOf(['all well', 'upload failed, will go on', 'bye'], 4000).line).toBe('upload failed, will go on');
});

test('a trace is taken from its beginning', () => {
  const trace = [
    'Traceback (most recent call last):',
    ...Array.from({ length: 12 }, (_, at) => [`  File "job.py", line ${at}`, '    call()']).flat(),
    'KeyError: customer_id',
  ];
  const { text, line } = excerptOf([...noise(30), ...trace, 'bye'], 4000);
  expect(line).toBe('KeyError: customer_id');
  expect(text.split('\n')).toEqual([...trace, 'bye']);
});

test('where nothing tells of an error it is the end of the log', () => {
  const { text, line, marked } = excerptOf(noise(100), 4000);
  expect({ line, marked }).toEqual({ line: 'step 99 done', marked: false });
  expect(text.startsWith('step 79 done')).toBe(true);
  expect(excerptOf([], 4000)).toEqual({ text: '', line: '', marked: false, cut: false });
});

test('it stays within its room, around the error, also in a line that never ends', () => {
  const long = `${'x'.repeat(50_000)} ERROR: here ${'y'.repeat(50_000)}`;
  const { text } = excerptOf([...noise(9), long, ...noise(9)], 700);
  expect(text.length).toBeLessThanOrEqual(700);
  expect(text).toContain('ERROR: here');
});

test('colours, control characters, broken UTF-8 and progress bars are gone, and so are secrets', () => {
  const bytes = Buffer.concat([
    Buffer.from('\u001b[31mERROR\u001b[0m: no\u0007 way\r\n 1%\r 50%\r100% loaded\n'),
    Buffer.from([0xff, 0xfe, 0x80, 0x0a]),
    Buffer.from('password=hunter2hunter2 token: "abc def"\n'),
  ]);
  const lines = linesOf(bytes, false);
  expect(lines.slice(0, 2)).toEqual(['ERROR: no way', '100% loaded']);
  expect(lines[3]).toMatch(/^password=\[redacted\] token: "?\[redacted\]/);
});

test('a secret is found behind characters that are taken out', () => {
  const hidden =
    'pass\u0000word=hunter2hunter2 to\u001b[0mken=abcdef\n-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----';
  expect(linesOf(Buffer.from(hidden), false).join('\n')).not.toMatch(/hunter2|abcdef|MIIE/);
});

test('titles and links of a terminal are gone, and what only begins like one stays harmless', () => {
  const lines = linesOf(
    Buffer.from('\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\link\u001b(B\n\u009b1;31mred\n'),
    false,
  );
  expect(lines.slice(0, 2)).toEqual(['alink', 'red']);
});

test('no log takes more than a moment, whatever it is made of', () => {
  const parts = [
    '\u001b]a;',
    '\u001b[;',
    '\r',
    'password=',
    'http://a:',
    '-----END PRIVATE KEY-----',
    "'a ",
    'error: \n',
  ];
  for (const part of parts) {
    const bytes = Buffer.from(part.repeat(262_144 / part.length));
    const began = performance.now();
    excerptOf(linesOf(bytes, true), 4000);
    // One of them took 22 s; it takes milliseconds.
    expect(performance.now() - began, JSON.stringify(part)).toBeLessThan(10_000);
  }
});

test('of a cut log the first line is left out, and a private key that begins before the cut', () => {
  const tail = Buffer.from('MIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\nERROR: x\n');
  expect(linesOf(tail, true).filter((line) => line !== '')).toEqual(['[redacted]', 'ERROR: x']);
  expect(linesOf(Buffer.from('half a line\nwhole\n'), true)).toEqual(['whole', '']);
});

test('a message is told on one line, from where it tells of an error', () => {
  expect(tellingLine('Running\nDatabase Error in model x\n  invalid identifier Y\n')).toBe(
    'Database Error in model x invalid identifier Y',
  );
  expect(headline('2026-01-02T03:04:05Z  failed   at 3')).toBe('failed at 3');
  expect(tellingLine('x'.repeat(2000)).length).toBeLessThanOrEqual(301);
});

import { expect, test } from 'vitest';
import { untrusted } from '../../../core/errors.ts';
import { connectionOf, defaultBaseUrl } from './connection.ts';

const unset = (message: RegExp) =>
  expect.objectContaining({ code: 'ORCHESTRA_NOT_CONFIGURED', message: expect.stringMatching(message) });

test('a base URL ends before /public, however it was written', () => {
  for (const tail of ['', '/', '/public', '/public/']) {
    expect(connectionOf('some-key', `https://app.getorchestra.io/api/engine${tail}`).baseUrl).toBe(
      'https://app.getorchestra.io/api/engine',
    );
  }
  expect(connectionOf('some-key').baseUrl).toBe(connectionOf('some-key', defaultBaseUrl).baseUrl);
  expect(connectionOf('some-key', 'http://127.0.0.1:7420/api/engine').baseUrl).toBe('http://127.0.0.1:7420/api/engine');
});

test('an address that would carry the key in the clear, or none, is refused', () => {
  for (const url of [
    '',
    'x',
    'http://app.getorchestra.io/',
    'ftp://x/',
    'https://u:p@x/',
    'https://x/?a=1',
    'http://127.0.0.1.evil.example/',
  ]) {
    expect(() => connectionOf('some-key', url)).toThrow(unset(/ORCHESTRA_API_BASE_URL/));
  }
});

test('a key that is missing, a reference or no header is refused without being repeated', () => {
  for (const key of [undefined, '', '  \n']) expect(() => connectionOf(key)).toThrow(unset(/no API key/));
  expect(() => connectionOf('op://GRC/item/credential')).toThrow(unset(/reference to 1Password/));
  for (const key of ['line\nbreak-secret', 'schlüssel-secret', 'two words-secret']) {
    expect(() => connectionOf(key)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  }
});

test('a key that was read is taken out of foreign text', () => {
  expect(connectionOf(' the-key-of-this-test\n').key).toBe('the-key-of-this-test');
  expect(untrusted('x', 'echo the-key-of-this-test').text).toBe('echo [redacted]');
});

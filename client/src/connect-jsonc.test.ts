import { describe, expect, test } from 'vitest';
import { getFromJsonc, setInJsonc } from './connect-jsonc.ts';

const entry = { type: 'http', url: 'http://127.0.0.1:7410/mcp' };
const put = (text: string) => setInJsonc(text, ['servers', 'tutti'], entry);

const files: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['an empty object', '{}'],
  ['an empty object with a comment', '{\n  // none yet\n}\n'],
  ['other keys', '{\n\t"inputs": [ ],\n\t"numbers": [1,2.5e3,-4,],\n\t"on":true\n}\n'],
  ['an empty map of servers', '{ "servers": {} }'],
  [
    'another server, a comment behind it, and a trailing comma',
    '{\n  "servers": {\n    "a": {"command": "x"}, // mine\n  },\n}\n',
  ],
  ['a comment where a comma must go', '{"servers": {\n      "a": {"command": "}{\\"//"} /* , */ // last\n}}'],
  ['Windows lines', '{\r\n    "servers": {\r\n        "a": null\r\n    }\r\n}\r\n'],
];

describe('an entry is put into a file with', () => {
  test.each(files)('%s', (_what, text) => {
    const made = put(text);
    expect(getFromJsonc(made, ['servers', 'tutti'])).toEqual(entry);
    // All of the old text is still there, in order.
    let at = 0;
    for (const word of text
      .replace(/[\s,{}[\]]+/g, ' ')
      .trim()
      .split(' ')) {
      at = made.indexOf(word, at);
      expect(at, word).toBeGreaterThanOrEqual(0);
    }
    expect(put(made)).toBe(made);
  });
});

test('it looks like what stands around it', () => {
  expect(put('{\n\t"servers": {\n\t\t"a": 1 // one\n\t}\n}\n')).toBe(
    '{\n\t"servers": {\n\t\t"a": 1, // one\n\t\t"tutti": {\n\t\t\t"type": "http",\n\t\t\t"url": "http://127.0.0.1:7410/mcp"\n\t\t}\n\t}\n}\n',
  );
});

test('an earlier entry is replaced where it stands', () => {
  const text = '{"servers": {"tutti": {"old": [1, {"x": "}"}]} /* keep */, "z": 1}}';
  const made = put(text);
  expect(made).toContain('/* keep */, "z": 1}}');
  expect(JSON.parse(made.replace('/* keep */', ''))).toEqual({ servers: { tutti: entry, z: 1 } });
});

test.each([
  '[]',
  '{"a": 1',
  '{"a" 1}',
  '{"servers": []}',
  '{"a": 1} x',
  '{a: 1}',
  "{'a': 1}",
  '{"servers":{"tutti":1,"tutti":2}}',
])('%s is refused', (text) => {
  expect(() => put(text)).toThrow(/file/);
});

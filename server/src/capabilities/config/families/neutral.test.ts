// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import { describe, expect, test } from 'vitest';
import { everything } from '../../../../test/support/config/example.ts';
import { parseNeutral } from './neutral.ts';

const local = { name: 'a', transport: 'stdio', command: 'uvx' };
const remote = { name: 'a', transport: 'http', url: 'https://example.com/mcp' };
const pointers = (value: unknown) => parseNeutral(value).problems.map(({ pointer }) => pointer);
const one = (server: object, inputs: object[] = []) => ({ inputs, servers: [server] });

describe('a neutral configuration', () => {
  test('may use all that the form has', () => {
    expect(parseNeutral(everything)).toEqual({ config: everything, problems: [] });
  });

  test('without inputs needs no list of them', () => {
    expect(parseNeutral({ servers: [] }).config).toEqual({ inputs: [], servers: [] });
  });

  test.each([
    ['a local server without a command', one({ name: 'a', transport: 'stdio' }), '/servers/0'],
    ['a local server with a URL', one({ ...local, url: 'https://example.com' }), '/servers/0/url'],
    ['a remote server with a command', one({ ...remote, command: 'uvx' }), '/servers/0/command'],
    ['a remote server with variables', one({ ...remote, env: { A: 'b' } }), '/servers/0/env'],
    ['two servers of one name', { servers: [local, local] }, '/servers/1/name'],
    ['two inputs of one id', one(local, [{ id: 'a' }, { id: 'a', env: 'B' }]), '/inputs/1/id'],
    ['two inputs in one variable', one(local, [{ id: 'a-b' }, { id: 'x', env: 'A_B' }]), '/inputs/1/env'],
    ['a secret with a default', one(local, [{ id: 'a', secret: true, default: 'x' }]), '/inputs/0/default'],
    ['an input that nobody declared', one({ ...local, args: ['-k', '${input:key}'] }), '/servers/0/args/1'],
    ['a URL of another scheme', one({ ...remote, url: 'file:///etc/passwd' }), '/servers/0/url'],
    ['a URL with a blank in it', one({ ...remote, url: 'https://example.com/a b' }), '/servers/0/url'],
    [
      'a header twice, by names that are one',
      one({ ...remote, headers: { 'X-A': 'a', 'x-a': 'b' } }),
      '/servers/0/headers',
    ],
    ['a field that nobody knows', one({ ...local, autoApprove: ['*'] }), '/servers/0'],
  ])('with %s is refused', (_what, value, pointer) => {
    expect(pointers(value)).toContain(pointer);
    expect(parseNeutral(value).config).toBeUndefined();
  });

  test.each([
    ['a Cyrillic letter in a name', one({ ...local, name: 'filеs' }), '/servers/0/name'],
    ['a zero-width space in a name', one({ ...local, name: 'fi\u200bles' }), '/servers/0/name'],
    ['a capital in a name', one({ ...local, name: 'Files' }), '/servers/0/name'],
    ['a zero-width space in a tool', one({ ...local, tools: { deny: ['dele\u200bte'] } }), '/servers/0/tools/deny/0'],
    ['a line break in an argument', one({ ...local, args: ['a\nb'] }), '/servers/0/args/0'],
    ['an escape sequence in a command', one({ ...local, command: '\u001b[2Kuvx' }), '/servers/0/command'],
    ['a mark that turns the writing', one({ ...local, args: ['\u202egnp.exe'] }), '/servers/0/args/0'],
    ['half a surrogate pair', one({ ...local, args: ['\ud800'] }), '/servers/0/args/0'],
    ['a variable in the name of a header', one({ ...remote, headers: { $HOME: 'x' } }), '/servers/0/headers/$HOME'],
  ])('homoglyph / zero-width names, install dialog spoofing: one with %s is refused', (_what, value, pointer) => {
    expect(pointers(value)).toContain(pointer);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('prototype pollution: it never has a name like %s', (name) => {
    expect(pointers(one({ ...local, name }))).toContain('/servers/0/name');
    const env = JSON.parse(`{ "${name}": "x" }`) as object;
    const { config } = parseNeutral(one({ ...local, env }));
    expect(Object.keys(config?.servers[0]?.env ?? {})).toEqual([]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

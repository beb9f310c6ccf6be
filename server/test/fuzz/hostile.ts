import type { Random } from './random.ts';

/** Texts that have broken software before. None of them looks like what the oracles take for a leak. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\t\r\n',
  'null',
  'undefined',
  '-1',
  'NaN',
  'Infinity',
  '1e309',
  '0x1F',
  "'",
  '"',
  '`',
  '\\',
  "' OR '1'='1",
  "'; DROP TABLE datasets; --",
  "') UNION SELECT secret FROM tokens --",
  '$1',
  '%',
  '_%_',
  '*:*',
  'a:b AND c^99 ~',
  '$(id)',
  '`id`',
  '; cat /etc/passwd',
  '| sleep 20',
  '&& reboot',
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..\\..\\windows\\system32',
  '/etc/shadow',
  '/proc/self/environ',
  'file:///etc',
  'file:///proc/self',
  'file://localhost/etc',
  'file:///%2e%2e/%2e%2e/etc',
  'tutti://../../x',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/',
  'http://metadata.invalid/latest/',
  'http://127.0.0.1:1/',
  'gopher://127.0.0.1:5432/_x',
  'secret:canary',
  'env:FUZZ_CANARY',
  'file:canary',
  'op://vault/item',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the forms of templates are what is sent
  '${jndi:ldap://127.0.0.1/x}',
  '{{7*7}}',
  '<%= 7*7 %>',
  '<script>alert(1)</script>',
  '%s%s%s%n',
  '%00',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00\ud800',
  'a\r\nX-Injected: yes',
  'a\nid: 1\ndata: x\n\n',
  '\u202eevil',
  '\u200b',
  '\ufeff',
  '\uffff',
  'e\u0301\u0301\u0301',
  '\u00e9',
  'ﬁ',
  'İI\u0307',
  '😀',
  '\u2028\u2029',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '2026-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00Z',
  '18446744073709551615.999999999999999',
  '99999999999999999999.1',
];

const numbers = [-1, -0, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 1e21, 1e308, 5e-324, 99_999_999] as const;
/** Names that JavaScript gives a meaning of its own. */
const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'then',
  'toJSON',
  'length',
  '',
  '\0',
  '\ud800',
  'a.b',
  '$ref',
];

/** A hostile text; now and then a long one, or two joined. */
export function hostileText(random: Random): string {
  return random.weighted<() => string>([
    [80, () => random.pick(hostileTexts)],
    [10, () => random.pick(hostileTexts) + random.pick(hostileTexts)],
    [6, () => random.pick(['a', 'é', '😀', "'", '../', '\u0301']).repeat(random.int(100, 3000))],
    [1, () => 'x'.repeat(random.int(10_000, 120_000))],
  ])();
}

/** A hostile JSON value of any kind. */
export function hostileValue(random: Random, depth = 0): unknown {
  return random.weighted<() => unknown>([
    [40, () => hostileText(random)],
    [15, () => random.pick(numbers)],
    [8, () => random.pick([true, false, null])],
    [depth > 3 ? 0 : 8, () => Array.from({ length: random.int(0, 5) }, () => hostileValue(random, depth + 1))],
    [depth > 3 ? 0 : 10, () => hostileObject(random, depth)],
    [2, () => nested(random.int(5, 1000), random.chance(0.5))],
    [1, () => Array.from({ length: random.int(101, 2000) }, (_, index) => index)],
  ])();
}

/** Built from entries, so that `__proto__` is a member like any other. */
export function hostileObject(random: Random, depth = 0): Record<string, unknown> {
  const name = () => (random.chance(0.6) ? random.pick(oddNames) : hostileText(random));
  return Object.fromEntries(
    Array.from({ length: random.int(0, 4) }, () => [name(), hostileValue(random, depth + 1)] as const),
  );
}

function nested(depth: number, lists: boolean): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = lists ? [value] : { a: value };
  return value;
}

/** Breaks the text of a JSON document in ways that no value can: what a parser may take and what it may not. */
export function mangleJson(json: string, random: Random): Buffer {
  const whole = Buffer.from(json);
  const at = random.int(0, whole.length);
  const spliced = (...bytes: number[]) =>
    Buffer.concat([whole.subarray(0, at), Buffer.from(bytes), whole.subarray(at)]);
  return random.pick<() => Buffer>([
    () => whole.subarray(0, at),
    () => spliced(0xff, 0xfe),
    () => spliced(0xc0, 0xaf),
    () => spliced(0xed, 0xa0, 0x80),
    () => spliced(0),
    () => spliced(random.int(0, 255)),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), whole]),
    () => Buffer.from(json, 'utf16le'),
    () => Buffer.from(json.replace(/^\{/, '{"dataset_id":"a","name":"b","__proto__":{"scopes":["admin"]},')),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, ':1e999')),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, ':-0')),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, `:${'9'.repeat(400)}`)),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, ':NaN')),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, ':"\\ud800"')),
    () => Buffer.from(json.replace(/:("[^"]*"|\d+)/, ':"\\u0000"')),
    () => Buffer.from(`${json}${json}`),
    () => Buffer.from(`${json},`),
    () => Buffer.from(`[${json}]`),
    () => Buffer.from(JSON.stringify(json)),
    () => Buffer.from(`${'['.repeat(random.int(200, 50_000))}`),
    () => Buffer.from(`{"metadata":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`),
    () => Buffer.alloc(random.int(0, 64), random.int(0, 255)),
    () => Buffer.from(random.pick(['', ' ', 'null', 'true', '0', '""', '[]', '{}', 'a=b&c=d', '<xml/>'])),
  ])();
}

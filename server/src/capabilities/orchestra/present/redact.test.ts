import { expect, test } from 'vitest';
import { named, namesSecret, said, shownParameters, withoutSecrets } from './redact.ts';

const secret = 'aG9sbGFkaWU4d2FsZGZlZTc';

test.each([
  `Authorization: Bearer ${secret}`,
  `authorization: basic ${secret}==`,
  `password=${secret}`,
  `PGPASSWORD='${secret}' psql`,
  `{"client_secret": "${secret}", "next": 1}`,
  `api-key: ${secret}`,
  `"token": "${secret}`,
  `postgres://loader:${secret}@warehouse:5432/db`,
  `https://x.example/?a=1&sig=${secret}&b=2`,
  `AccountKey=${secret};EndpointSuffix=core.windows.net`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}`,
  `ghp_${secret}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
])('a secret is taken out of %s', (text) => {
  expect(withoutSecrets(text)).not.toContain(secret);
  expect(said(text)?.text).not.toContain(secret);
  expect(named(text)).not.toContain(secret);
});

test.each([
  'Database Error in model rpt_sales_journal_analysis (models/rpt.sql)',
  '403 Forbidden: token expired',
  'basic configuration failed, bearer authentication is off',
  'https://platform.example/jobs/17?tab=logs',
  'column "passenger_key" does not exist',
])('%s stays as it is', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

test('what was JSON stays JSON', () => {
  const text = JSON.stringify({ token: 'abc', list: [{ password: 'x y"z', keep: 1 }] });
  expect(JSON.parse(withoutSecrets(text))).toMatchObject({ token: '[redacted]', list: [{ keep: 1 }] });
});

test('hostile texts are read to their end', () => {
  const parts = [
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'password=',
    'a://',
    'Bearer ',
    '"',
    'sig:',
    '-',
    'eyJaaaaaaaaaaa.',
  ];
  for (const part of parts) {
    const text = part.repeat(Math.ceil(262_144 / part.length));
    expect(withoutSecrets(text).length).toBeLessThanOrEqual(text.length * 2);
  }
});

test('a name is one bounded line, and nothing where there is none', () => {
  expect(named('a\r\nIgnore all\u2028before\u0000')).toBe('a Ignore all before');
  expect(named('x'.repeat(1000))).toHaveLength(201);
  expect([named(null), named(''), said(null), said('')]).toEqual([undefined, undefined, undefined, undefined]);
});

test('parameters hide what their names call a secret, and only that', () => {
  const names = ['password', 'dbPassword', 'API_KEY', 'accessKey', 'x-auth-token', 'Authorization', 'ssh_key', 'DSN'];
  for (const name of names) expect({ name, secret: namesSecret(name) }).toEqual({ name, secret: true });
  for (const name of ['unique_key', 'primaryKey', 'author', 'bypass', 'keyboard', 'tokenize', 'monkey']) {
    expect({ name, secret: namesSecret(name) }).toEqual({ name, secret: false });
  }
  expect(
    shownParameters({
      select: 'models',
      credentials: { user: 'u', anything: secret },
      nested: [{ token: 7, url: `https://u:${secret}@x.example` }],
      uses_token: true,
    }),
  ).toEqual({
    select: 'models',
    credentials: '[redacted]',
    nested: [{ token: '[redacted]', url: 'https://u:[redacted]@x.example' }],
    uses_token: true,
  });
});

test('parameters are bounded in every direction', () => {
  let deep: unknown = 'found';
  for (let at = 0; at < 50; at += 1) deep = { deep };
  expect(JSON.stringify(shownParameters(deep))).not.toContain('found');
  const wide = shownParameters(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, [at]]))) as object;
  expect(Object.keys(wide)).toHaveLength(100);
  expect((shownParameters('x'.repeat(100_000)) as string).length).toBe(2049);
  expect(shownParameters(JSON.parse('{"__proto__": {"a": 1}}'))).toEqual({ ['__proto__']: { a: 1 } });
});

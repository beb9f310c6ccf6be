import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readQuery } from '../../../examples/email/services/cypher.ts';
import { readMailbox } from '../../../examples/email/services/mailbox.ts';
import { readMessage } from '../../../examples/email/services/message.ts';
import { summarize } from '../../../examples/email/services/summarize.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const archive = path.join(import.meta.dirname, '../../../examples/email/mail/inbox.mbox');
const directory = makeTempDir('mailbox');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const message = (...lines: string[]) => readMessage(Buffer.from(lines.join('\r\n'), 'latin1'));

test('an mbox file gives its mails, the oldest first, with encoded words, parts and quoted lines read', () => {
  const mails = readMailbox(archive);
  expect(mails.map(({ date }) => date)).toEqual(mails.map(({ date }) => date).sort());
  expect(mails).toHaveLength(12);
  const find = (beginning: string) => mails.find(({ id }) => id.startsWith(beginning));
  expect(find('order-2207')).toMatchObject({
    subject: 'Rückfrage zu meiner Bestellung',
    body: expect.stringContaining(
      'Können Sie prüfen, wo sie bleibt? Help would be appreciated: the parcel number does not work.',
    ),
  });
  expect(find('seats')?.body).toMatch(/^Dear team,\s+we would like to\s+cancel\s+two/);
  expect(find('login-fails')?.body).toMatch(/^The login fails with the error "token expired"[\s\S]*SUP-3321\.$/);
  expect(find('sign-by')?.body).toContain('\nFrom the first of May on');
});

test('a maildir gives those of new and cur; the same mail twice is one, another with its Message-ID is not', () => {
  for (const folder of ['new', 'cur', 'tmp']) mkdirSync(path.join(directory, folder));
  const mail = (body: string) => `Message-ID: <a@example.com>\nDate: Tue, 15 Apr 2025 08:12:00 +0200\n\n${body}\n`;
  writeFileSync(path.join(directory, 'new', '1.a'), mail('one'));
  writeFileSync(path.join(directory, 'cur', '2.b:2,S'), mail('one'));
  writeFileSync(path.join(directory, 'cur', '3.c:2,S'), mail('two'));
  writeFileSync(path.join(directory, 'tmp', '4.d'), mail('half'));
  const mails = readMailbox(directory);
  expect(mails.map(({ body }) => body).sort()).toEqual(['one', 'two']);
  expect(mails.map(({ id, date }) => [/^a-[0-9a-f]{12}$/.test(id), date])).toEqual(
    Array(2).fill([true, '2025-04-15T06:12:00.000Z']),
  );
});

test('what strangers send makes no id that leaves a directory, and no field that is larger than it may be', () => {
  const odd = message(
    'Message-ID: <../../etc/passwd@x>',
    `Subject: ${'s'.repeat(10_000)}`,
    'Date: never',
    '',
    'x'.repeat(1e6),
  );
  expect(odd.id).toMatch(/^etc-passwd-[0-9a-f]{12}$/);
  expect(odd.date).toBe('1970-01-01T00:00:00.000Z');
  expect([odd.subject.length, odd.body.length]).toEqual([2000, 20_000]);
  expect(message('').id).toMatch(/^mail-[0-9a-f]{12}$/);
  const nested = (depth: number): string =>
    `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${depth > 0 ? nested(depth - 1) : '\r\ntext'}\r\n--b${depth}--`;
  expect(message(nested(2)).body).toBe('text');
  expect(message(nested(20)).body).toBe('');
  const open = '<style>'.repeat(100_000);
  expect(message('Content-Type: text/html', '', `${open}${'<'.repeat(100_000)}`).body).toBe('');
});

test('an unknown charset or encoding is read as far as it goes; attachments and pictures are no text', () => {
  expect(message('Content-Type: text/plain; charset=klingon', '', 'caf\xe9').body).toBe('café');
  expect(message('Subject: =?utf-8?B?w7xiZXI=?= =?utf-8?Q?_all?=', '', '').subject).toBe('über all');
  expect(message('Content-Type: image/png', '', 'bytes').body).toBe('');
  expect(message('Content-Type: text/plain', 'Content-Disposition: attachment', '', 'file').body).toBe('');
});

test('a summary is made of sentences of the text, in their order', () => {
  const text =
    'Short one. The pump in hall three has stopped. Nobody knows why it did. The pump must run again, says hall three.';
  const summary = summarize(text);
  expect(summary).toBe('The pump in hall three has stopped. The pump must run again, says hall three.');
  expect(summarize('')).toBe('');
});

test('the part of Cypher that the graph understands is read, everything else refused with what it is', () => {
  expect(readQuery("MATCH (m:Email {category: 'urgent', n: 2}) RETURN m LIMIT 5")).toEqual({
    from: { label: 'Email', properties: { category: 'urgent', n: 2 } },
    returns: 'from',
    limit: 5,
  });
  expect(readQuery('match (s:Sender)-[:SENT]->(m {category: "it\'s"}) return m')).toEqual({
    from: { label: 'Sender', properties: {} },
    edge: { type: 'SENT', to: { label: undefined, properties: { category: "it's" } } },
    returns: 'to',
    limit: 100,
  });
  for (const query of [
    '',
    'MATCH (m) DELETE m',
    'MATCH (m) RETURN n',
    "MATCH (m {a: 'x' b: 'y'}) RETURN m",
    `MATCH ${'('.repeat(1999)}`,
  ]) {
    expect(() => readQuery(query)).toThrow(/^Only MATCH/);
  }
});

import { hostileText } from './hostile.ts';
import type { Random } from './random.ts';
import type { FuzzRequest } from './request.ts';

/** The limit that the server is given: low, so that bodies past it are cheap to send. */
export const maxBodyBytes = 262_144;

const auth = 'Authorization: Bearer {{admin:0}}\r\n';
const post = `POST /tools/list_jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n${auth}`;
const getHealth = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';

/** Bytes that are HTTP only nearly, over a connection of their own. */
export function wireRequest(random: Random): FuzzRequest {
  const [label, ...parts] = random.pick([framing, chunks, headers, startLine, slow, oversized, sequences])(random);
  return {
    surface: 'wire',
    kind: 'hostile',
    label: label as string,
    caller: 'admin',
    method: '',
    path: '',
    headers: [],
    body: Buffer.alloc(0),
    chunks: parts.map((part) => Buffer.from(part, 'latin1')),
  };
}

type Bytes = readonly [label: string, ...parts: string[]];

const framing = (random: Random): Bytes =>
  random.pick<Bytes>([
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}`],
    ['length and chunks', `${post}Content-Length: 2\r\n${chunked}\r\n0\r\n\r\n`],
    ['negative length', `${post}Content-Length: -1\r\n\r\n{}`],
    ['huge length', `${post}Content-Length: 99999999999999999999\r\n\r\n{}`],
    ['length of another base', `${post}Content-Length: 0x2\r\n\r\n{}`],
    ['list of lengths', `${post}Content-Length: 2, 2\r\n\r\n{}`],
    ['short of its length', `${post}Content-Length: ${random.int(3, 1000)}\r\n\r\n{}`],
    ['past its length', `${post}Content-Length: 1\r\n\r\n{}${getHealth}\r\n`],
    ['gzip that is none', `${post}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`],
    ['no length', `${post}\r\n{}`],
  ]);

const chunks = (random: Random): Bytes =>
  random.pick<Bytes>([
    ['size of a chunk that is none', `${post}${chunked}\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['chunk past all limits', `${post}${chunked}\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n`],
    ['negative chunk', `${post}${chunked}\r\n-1\r\n{}\r\n0\r\n\r\n`],
    ['chunk extension', `${post}${chunked}\r\n2;${'x'.repeat(random.int(1, 20_000))}\r\n{}\r\n0\r\n\r\n`],
    ['trailers', `${post}${chunked}\r\n2\r\n{}\r\n0\r\n__proto__: x\r\nContent-Length: 7\r\n\r\n`],
    ['no last chunk', `${post}${chunked}\r\n2\r\n{}\r\n`],
    ['coding twice', `${post}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ['coding unknown', `${post}Transfer-Encoding: gzip, ${random.pick(['chunked', 'x'])}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ['many small chunks', `${post}${chunked}\r\n${'1\r\n \r\n'.repeat(random.int(10, 3000))}2\r\n{}\r\n0\r\n\r\n`],
    ['line feeds alone', `${post}${chunked}\n2\n{}\n0\n\n`.replaceAll('\r\n', '\n')],
  ]);

const headers = (random: Random): Bytes =>
  random.pick<Bytes>([
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['two Hosts', `${getHealth}Host: evil.example\r\n\r\n`],
    ['odd Host', `GET /healthz HTTP/1.1\r\nHost: ${latin1(hostileText(random)).slice(0, 3000)}\r\n\r\n`],
    [
      'odd Host',
      `GET /docs HTTP/1.1\r\nHost: ${random.pick(['', '[', '[::1', ':80', '127.0.0.1:99999', 'a@b'])}\r\n\r\n`,
    ],
    ['odd Origin', `${getHealth}Origin: ${latin1(hostileText(random)).slice(0, 3000)}\r\n\r\n`],
    ['odd token', `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${bytes(random)}\r\n\r\n`],
    ['two tokens', `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n${auth}Authorization: Bearer x\r\n\r\n`],
    ['NUL in a header', `${getHealth}X-A: a\0b\r\n\r\n`],
    ['carriage return alone', `${getHealth}X-A: a\rX-B: b\r\n\r\n`],
    ['folded header', `${getHealth}X-A: a\r\n b\r\n\r\n`],
    ['no colon', `${getHealth}nonsense\r\n\r\n`],
    ['space before the colon', `${getHealth}X-A : a\r\n\r\n`],
    ['name of bytes', `${getHealth}${bytes(random)}: a\r\n\r\n`],
    ['value of bytes', `${getHealth}X-A: ${bytes(random)}\r\nMcp-Session-Id: ${bytes(random)}\r\n\r\n`],
    ['long header', `${getHealth}X-A: ${'a'.repeat(random.int(8000, 70_000))}\r\n\r\n`],
    ['many headers', `${getHealth}${'X-A: a\r\n'.repeat(random.int(500, 3000))}\r\n`],
    ['expects what nobody knows', `${post}Expect: the-inquisition\r\nContent-Length: 2\r\n\r\n{}`],
    ['asks to go on', `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`, '{}'],
    ['upgrade', `${getHealth}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n`],
    ['resumes oddly', `GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n${auth}Last-Event-ID: ${bytes(random)}\r\n\r\n`],
  ]);

const startLine = (random: Random): Bytes => {
  const rest = `HTTP/1.1\r\nHost: 127.0.0.1\r\n${auth}\r\n`;
  const target = random.pick([
    '*',
    '//evil.example/x',
    'http://evil.example/healthz',
    'http://127.0.0.1/healthz',
    'http://[::1/',
    'http://',
    '/%',
    '/%zz/%c0%ae',
    '/\xff\xfe',
    '\\\\x',
    'healthz',
    '/..//../etc/passwd',
    '/./healthz',
    '/healthz#x',
    '/?',
    '?',
    ':80',
    `/${'a'.repeat(random.int(1000, 70_000))}`,
    `/tools/${'%61'.repeat(3000)}`,
    `/resources/job/${bytes(random)}`,
    `/events?since=${bytes(random)}`,
    `/objects/uploads/x?type=${bytes(random)}&signature=${bytes(random)}`,
  ]);
  return random.pick<Bytes>([
    ['odd target', `GET ${target} ${rest}`],
    ['odd target', `${random.pick(['OPTIONS', 'PUT', 'HEAD', 'DELETE'])} ${target} ${rest}`],
    [
      'method',
      `${random.pick(['TRACE', 'CONNECT', 'get', 'M-SEARCH', 'QUERY', 'PROPFIND', 'X', ''])} /tools/a ${rest}`,
    ],
    ['tunnel', `CONNECT 169.254.169.254:80 ${rest}`],
    ['version', `GET /healthz ${random.pick(['HTTP/0.9', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/x', ''])}\r\n\r\n`],
    [
      'another protocol',
      random.pick(['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\x16\x03\x01\x02\x00\x01', 'SSH-2.0-x\r\n']),
    ],
    ['noise', `${bytes(random)}\r\n\r\n`],
  ]);
};

const slow = (random: Random): Bytes =>
  random.pick<Bytes>([
    ['body in pieces', `${post}Content-Length: 4\r\n\r\n`, '{', ' ', ' ', '}'],
    ['chunks in pieces', `${post}${chunked}\r\n`, '1\r\n{\r\n', '1\r\n}\r', '\n0\r\n', '\r\n'],
    ['headers in pieces', post.slice(0, 20), post.slice(20, 50), post.slice(50), 'Content-Length: 2\r\n\r\n{}'],
    ['body that stops', `${post}Content-Length: 100\r\n\r\n`, '{"kind":'],
    ['headers that stop', post.slice(0, random.int(1, post.length))],
  ]);

const oversized = (random: Random): Bytes => {
  const path = random.pick(['/mcp', '/tools/register_dataset', '/mcp/lake']);
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${auth}Content-Type: application/json\r\n`;
  const body = `{"name":"${'x'.repeat(maxBodyBytes)}"}`;
  return random.pick<Bytes>([
    ['oversized', `${head}Content-Length: ${body.length}\r\n\r\n`, body],
    ['oversized in chunks', `${head}${chunked}\r\n${body.length.toString(16)}\r\n`, `${body}\r\n0\r\n\r\n`],
    ['announced as oversized', `${head}Content-Length: ${10 ** random.int(7, 15)}\r\n\r\n{`],
  ]);
};

const sequences = (random: Random): Bytes =>
  random.pick<Bytes>([
    ['one after the other', `${getHealth}\r\n`.repeat(random.int(2, 20))],
    ['one within the other', `${post}Content-Length: 2\r\n\r\n{}GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n`],
    ['empty lines first', `\r\n\r\n${getHealth}\r\n`],
    ['nothing', ''],
  ]);

const bytes = (random: Random): string =>
  String.fromCharCode(...Array.from({ length: random.int(1, 40) }, () => random.int(random.pick([0, 33, 128]), 255)));

const latin1 = (text: string): string => text.replace(/[\r\n]/g, '').replace(/[^\0-\xff]/g, '\xff');

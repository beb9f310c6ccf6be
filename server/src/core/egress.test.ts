import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEgress, type EgressSettings } from './egress.ts';

const settings: EgressSettings = { allow: [], timeoutMs: 30_000, maxBytes: 1000, maxRedirects: 3 };
const closed = createEgress(settings);
const open = (more: Partial<EgressSettings> = {}) =>
  createEgress({ ...settings, allow: ['127.0.0.1', '::1/128'], ...more });
const refused = expect.objectContaining({ code: 'EGRESS_REFUSED', suggestion: expect.stringContaining('operator') });

let server: Server;
let base: string;
let seen: { method: string; path: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
let answer: RequestListener;
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
beforeEach(() => {
  seen = [];
  answer = (_request, response) => response.end('hello');
});
const redirect =
  (status: number, location: string): RequestListener =>
  (request, response) =>
    request.url === '/end' ? response.end('end') : response.writeHead(status, { location }).end();

describe('an address that is not public is refused', () => {
  test.each([
    ['loopback', '127.0.0.1', 'localhost', '127.9.9.9', '[::1]'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '[fd00::1]', '[fc00::1]', '[fec0::1]'],
    ['link-local', '169.254.1.1', '[fe80::1]'],
    ['metadata', '169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192', '[fd00:ec2::254]'],
    [
      'shared, reserved or for tests',
      '100.64.0.1',
      '198.18.0.1',
      '240.0.0.1',
      '192.0.2.1',
      '[2001:db8::1]',
      '[100::1]',
    ],
    ['none or all', '0.0.0.0', '[::]', '255.255.255.255', '224.0.0.1', '[ff02::1]', '0'],
    [
      'IPv4 inside IPv6',
      '[::ffff:127.0.0.1]',
      '[::ffff:a00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::1]',
    ],
    ['a tunnel to it', '[2002:7f00:1::]', '[2001::1]', '[::ffff:0:7f00:1]'],
    ['in other words', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0x7f.1', '①②⑦.0.0.1', '127.0.0.1.'],
  ])('%s', async (_what, ...hosts) => {
    for (const host of hosts) await expect(closed(`http://${host}:1/`), host).rejects.toEqual(refused);
  });

  test('even when a server listens there', async () => {
    await expect(closed(base)).rejects.toEqual(refused);
    expect(seen).toEqual([]);
  });

  test('an allowed range opens itself only', async () => {
    const one = createEgress({ ...settings, allow: ['10.1.0.0/16', 'fd00::/64'] });
    for (const host of ['10.2.0.1', '127.0.0.1', '[fd00:0:0:1::1]', '[::1]']) {
      await expect(one(`http://${host}:1/`), host).rejects.toEqual(refused);
    }
  });
});

test.each(['file:///etc/passwd', 'ftp://example.com', 'data:text/plain,x', 'ws://example.com', 'nonsense', '', '//x'])(
  'the URL %j is refused',
  async (url) => {
    await expect(open()(url)).rejects.toEqual(refused);
  },
);

test('a URL with a user or password is refused', async () => {
  for (const url of ['http://user@127.0.0.1/', 'http://user:pass@example.com/', 'http://:pass@example.com/']) {
    await expect(open()(url)).rejects.toEqual(refused);
  }
});

describe('an allowed server', () => {
  test('is reached by address and by name', async () => {
    const name = base.replace('127.0.0.1', 'localhost');
    const send = open({ allow: ['127.0.0.0/8', '::1'] });
    for (const url of [base, `${base.replace('127.0.0.1', '2130706433')}/x`]) {
      const { status, body } = await send(url);
      expect([status, body.toString()]).toEqual([200, 'hello']);
    }
    // `localhost` may be ::1 first, where nobody listens; either way it is not refused.
    const byName = await send(name).catch((error) => error);
    expect(byName.code ?? byName.status).toSatisfy((outcome) => outcome === 200 || outcome === 'UPSTREAM_FAILED');
  });

  test('gets method, headers and body', async () => {
    await open()(`${base}/a?b`, { method: 'POST', headers: { authorization: 'Bearer x' }, body: 'text' });
    expect(seen).toMatchObject([
      { method: 'POST', path: '/a?b', headers: { authorization: 'Bearer x' }, body: 'text' },
    ]);
  });

  test('may fail in its own way', async () => {
    answer = (_request, response) => response.writeHead(500, { 'x-why': 'because' }).end('broken');
    const { status, headers, body } = await open()(base);
    expect([status, headers.get('x-why'), body.toString()]).toEqual([500, 'because', 'broken']);
  });

  test('that hangs up is told as such, with its words as data', async () => {
    answer = (_request, response) => response.destroy();
    const error = await open()(base).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'UPSTREAM_FAILED', details: { cause: { untrusted: true } } });
  });

  test('that is not there cannot be reached', async () => {
    const taken = createTcp().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    await new Promise((resolve) => taken.close(resolve));
    await expect(open()(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    await expect(open()(`http://${'x'.repeat(64)}.example`)).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
  });
});

describe('a redirect', () => {
  test('is followed, and an unsafe method becomes GET as in browsers', async () => {
    answer = redirect(303, '/end');
    const { body } = await open()(`${base}/start`, { method: 'POST', body: 'x' });
    expect(body.toString()).toBe('end');
    expect(seen.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([
      ['POST', '/start', 'x'],
      ['GET', '/end', ''],
    ]);
  });

  test('that keeps the method keeps the body', async () => {
    answer = redirect(307, '/end');
    await open()(`${base}/start`, { method: 'POST', body: 'x' });
    expect(seen.at(-1)).toMatchObject({ method: 'POST', path: '/end', body: 'x' });
  });

  test.each([
    'http://10.0.0.1/',
    'http://169.254.169.254/latest',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:169.254.169.254]/latest',
    'http://[fd00:ec2::254]/latest',
    'http://100.100.100.200/latest',
    'file:///etc/passwd',
  ])('to %s is refused', async (location) => {
    answer = redirect(302, location);
    await expect(open()(base)).rejects.toEqual(refused);
    expect(seen).toHaveLength(1);
  });

  test('to another origin drops what authenticates', async () => {
    const other = createServer((request, response) => {
      seen.push({ method: '', path: 'other', headers: request.headers, body: '' });
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    answer = redirect(302, `http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const headers = {
      Authorization: 'Bearer x',
      Cookie: 'a=b',
      'Proxy-Authorization': 'Basic x',
      Accept: 'text/plain',
    };
    await open()(base, { headers });
    expect(seen).toHaveLength(2);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' });
    expect(seen[1]).toMatchObject({ path: 'other', headers: { accept: 'text/plain' } });
    for (const name of ['authorization', 'cookie', 'proxy-authorization']) {
      expect(seen[1]?.headers).not.toHaveProperty(name);
    }
    await new Promise((resolve) => other.close(resolve).closeAllConnections());
  });

  test('within an origin keeps it', async () => {
    answer = redirect(302, '/end');
    await open()(base, { headers: { authorization: 'Bearer x' } });
    expect(seen.at(-1)?.headers).toMatchObject({ authorization: 'Bearer x' });
  });

  test('without end is refused', async () => {
    answer = redirect(302, '/again');
    await expect(open()(base)).rejects.toEqual(refused);
    expect(seen).toHaveLength(settings.maxRedirects + 1);
  });
});

describe('a name that answers differently each time (rebinding)', () => {
  /** A resolver that gives these answers in turn, and the last one for ever. */
  function resolver(...addresses: string[]) {
    const asked: string[] = [];
    const lookup = async (hostname: string) => {
      asked.push(hostname);
      const address = addresses[Math.min(asked.length, addresses.length) - 1] ?? '';
      return { address, family: address.includes(':') ? 6 : 4 };
    };
    return { asked, lookup };
  }
  const port = () => new URL(base).port;

  test('is resolved once: the connection goes to the address that was checked', async () => {
    // Another server at the same port of another address tells where the connection went.
    const first = createServer((_request, response) => response.end('first')).listen(Number(port()), '127.0.0.2');
    await new Promise((resolve) => first.once('listening', resolve));
    const { asked, lookup } = resolver('127.0.0.2', '127.0.0.1');
    const send = createEgress({ ...settings, allow: ['127.0.0.2'], lookup });
    expect((await send(`http://rebind.example:${port()}/`)).body.toString()).toBe('first');
    expect(asked).toEqual(['rebind.example']);
    expect(seen).toEqual([]);
    await new Promise((resolve) => first.close(resolve).closeAllConnections());
  });

  test('that was public first never leads to loopback', async () => {
    const { asked, lookup } = resolver('192.88.98.1', '127.0.0.1');
    const send = createEgress({ ...settings, timeoutMs: 300, lookup });
    // Nobody answers at that address: what counts is that nobody else was asked.
    await expect(send(`http://rebind.example:${port()}/`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(TIMED_OUT|UPSTREAM_FAILED)$/),
    });
    expect(asked).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  test('is looked at again after a redirect to itself', async () => {
    answer = redirect(302, `http://rebind.example:${port()}/end`);
    const { asked, lookup } = resolver('127.0.0.1', '169.254.169.254');
    const send = createEgress({ ...settings, allow: ['127.0.0.1'], lookup });
    await expect(send(`http://rebind.example:${port()}/`)).rejects.toEqual(refused);
    expect(asked).toHaveLength(2);
    expect(seen).toHaveLength(1);
  });

  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    'fd00:ec2::254',
  ])('to %s is refused', async (address) => {
    const send = createEgress({ ...settings, lookup: resolver(address).lookup });
    await expect(send(`http://rebind.example:${port()}/`)).rejects.toEqual(refused);
    expect(seen).toEqual([]);
  });

  test('may lead to an allowed address in its mapped form, and to no other', async () => {
    const allowed = createEgress({ ...settings, allow: ['127.0.0.1'], lookup: resolver('::ffff:127.0.0.1').lookup });
    expect((await allowed(`http://mapped.example:${port()}/`)).status).toBe(200);
    const other = createEgress({ ...settings, allow: ['127.0.0.1'], lookup: resolver('::ffff:127.0.0.2').lookup });
    await expect(other(`http://mapped.example:${port()}/`)).rejects.toEqual(refused);
  });
});

describe('the caps', () => {
  test('an answer that drips is given up when its time is over, however often something comes', async () => {
    let opened = 0;
    answer = (_request, response) => {
      opened += 1;
      const drip = setInterval(() => response.write('x'), 20);
      response.once('close', () => {
        opened -= 1;
        clearInterval(drip);
      });
    };
    const send = open({ timeoutMs: 300, maxBytes: 1_000_000 });
    await expect(send(base)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await vi.waitFor(() => expect(opened).toBe(0), 10_000);
  });

  test('headers that drip are given up too', async () => {
    const slow = createTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(drip)).on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => slow.once('listening', resolve));
    const { port } = slow.address() as AddressInfo;
    const send = open({ timeoutMs: 300 });
    await expect(send(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(TIMED_OUT|UPSTREAM_FAILED)$/),
    });
    await new Promise((resolve) => slow.close(resolve));
  });

  test('the time is one for all redirects together', async () => {
    answer = (_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 150);
    };
    await expect(open({ timeoutMs: 300, maxRedirects: 1000 })(base)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(seen.length).toBeLessThanOrEqual(3);
  });

  test('an endless packed answer is cut off by what comes out, and the other side is let go', async () => {
    let gone = false;
    answer = (_request, response) => {
      const gzip = createGzip();
      gzip.pipe(response.writeHead(200, { 'content-encoding': 'gzip' }));
      response.once('close', () => {
        gone = true;
        gzip.destroy();
      });
      const zeros = Buffer.alloc(65_536);
      const more = () => !gone && gzip.write(zeros, () => setImmediate(more));
      more();
    };
    await expect(open({ maxBytes: 1_000_000 })(base)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
    await vi.waitFor(() => expect(gone).toBe(true), 10_000);
  });

  test('an answer may be as large as allowed, not larger', async () => {
    answer = (_request, response) => response.end('x'.repeat(1000));
    expect((await open()(base)).body).toHaveLength(1000);
    answer = (_request, response) => response.end('x'.repeat(1001));
    await expect(open()(base)).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      message: expect.stringContaining('1000'),
    });
  });

  test('the size is that of what comes out, not of what was packed', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000)));
    await expect(open()(base)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
  });

  test('an answer without end is cut off', async () => {
    answer = (_request, response) => {
      const more = () => !response.destroyed && response.write('x'.repeat(500), () => setImmediate(more));
      more();
    };
    await expect(open()(base)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
  });

  test('an answer that does not come, or does not end, is given up', async () => {
    const send = open({ timeoutMs: 200 });
    answer = () => undefined;
    await expect(send(base)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    answer = (_request, response) => void response.write('x');
    await expect(send(base)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  test('so is one that the caller no longer wants', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    await expect(open()(base, { signal: controller.signal })).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });
});

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectEnvelope, expectFailure } from './support/failure.ts';
import { connectors } from './support/mcp-clients.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer([
    ...['--limits-calls-per-minute', '10', '--limits-failed-auth-per-minute', '5'],
    ...['--behind-tls', '--allowed-hosts', 'tutti.example'],
  ]);
});
afterAll(() => server.stop());

const call = (token: string, from = '192.0.2.1') =>
  raw(`${server.url}/tools/list_capabilities`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': `203.0.113.9, ${from}` },
    body: ['{}'],
  });
const mint = async (name: string) => (await server.token(name, ['reader'])).secret;

describe('a principal that calls too often', () => {
  test('is told over REST when to come again; others go on', async () => {
    const [greedy, modest] = [await mint('greedy'), await mint('modest')];
    const answers = await Promise.all(Array.from({ length: 30 }, () => call(greedy)));
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(9);
    for (const answer of refused) {
      const { retryable, suggestion, details } = expectFailure(answer, 429, 'RATE_LIMITED');
      const wait = Number(answer.headers['retry-after']);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(6);
      expect({ retryable, details }).toEqual({ retryable: true, details: { retry_after_s: wait } });
      expect(suggestion).toContain(`${wait} s`);
    }
    expect((await call(modest)).status).toBe(200);
    expectFailure(await call(await mint('greedy')), 429, 'RATE_LIMITED');
  });

  test.each(Object.entries(connectors))('is told by the envelope of the tool over MCP: %s', async (kind, connect) => {
    const { client } = await connect(`${server.url}/mcp`, await mint(kind.replaceAll(/\W/g, '-')));
    const results = [];
    for (let count = 0; count < 24; count += 1) {
      results.push(await client.callTool({ name: 'list_capabilities', arguments: {} }));
    }
    const refused = results.filter((result) => result.isError);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const { content } of refused) expectEnvelope(JSON.parse(content[0].text), 'RATE_LIMITED');
    await client.close();
  });

  test('is counted, and fills no audit trail', async () => {
    const token = await mint('counted');
    const register = (name: string) =>
      raw(`${server.url}/tools/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: ['{}'],
      });
    const answers = await Promise.all(Array.from({ length: 30 }, () => register('register_dataset')));
    const refused = answers.filter((answer) => answer.status === 429).length;
    expect(refused).toBeGreaterThanOrEqual(9);
    // A name of the caller's making never becomes a label.
    await Promise.all(Array.from({ length: 3 }, () => register('made_up')));
    const metrics = await raw(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.admin}` } });
    expect(metrics.text).toContain(
      `tutti_call_duration_seconds_count{tool="register_dataset",outcome="RATE_LIMITED"} ${refused}\n`,
    );
    expect(metrics.text).not.toContain('made_up');
    const { rows } = await sql`select 1 from audit_entries where outcome = 'RATE_LIMITED'`.execute(server.database.db);
    expect(rows).toEqual([]);
  });

  test('is refused before anything is done when it floods with other requests', async () => {
    const token = await mint('flood');
    const read = () => raw(`${server.url}/resources/job/job_none`, { headers: { authorization: `Bearer ${token}` } });
    const answers = await Promise.all(Array.from({ length: 90 }, read));
    expect(answers.filter((answer) => answer.status === 404).length).toBeGreaterThanOrEqual(80);
    expectFailure(answers.find((answer) => answer.status === 429) as never, 429, 'RATE_LIMITED');
  });
});

describe('bad tokens', () => {
  const bad = (from: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => call(`tutti_${index}`, from)));

  test('are answered as such, until there are too many from one address', async () => {
    const good = await mint('neighbour');
    expect((await call(good, '192.0.2.7')).status).toBe(200);
    const answers = await bad('192.0.2.7', 10);
    for (const answer of answers) expectFailure(answer, 401, 'UNAUTHENTICATED');
    const next = await call('tutti_next', '192.0.2.7');
    expectFailure(next, 429, 'RATE_LIMITED');
    expect(Number(next.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    // Who was good a moment ago goes on, whoever else calls from there; a token never seen must wait.
    expect((await call(good, '192.0.2.7')).status).toBe(200);
    expectFailure(await call(await mint('newcomer'), '192.0.2.7'), 429, 'RATE_LIMITED');
    expect((await call(await mint('newcomer'), '192.0.2.8')).status).toBe(200);
  });

  test('count by the network in IPv6, where a caller has as many addresses as it likes', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => call('tutti_x', `2001:db8::${index + 1}`)));
    expectFailure(await call('tutti_x', '2001:db8::ffff'), 429, 'RATE_LIMITED');
    expectFailure(await call('tutti_x', '2001:db8:1::1'), 401, 'UNAUTHENTICATED');
  });

  test('do not hide behind the words of the caller: the last proxy says where it came from', async () => {
    await bad('192.0.2.20', 10);
    const headers = { authorization: 'Bearer tutti_x', 'x-forwarded-for': '198.51.100.1, 192.0.2.20' };
    expectFailure(await raw(`${server.url}/tools/x`, { method: 'POST', headers }), 429, 'RATE_LIMITED');
  });
});

test('who sends no token at all is led to one, however often', async () => {
  for (let count = 0; count < 15; count += 1) {
    const answer = await raw(`${server.url}/mcp`, { method: 'POST' });
    expectFailure(answer, 401, 'UNAUTHENTICATED');
    // There is no issuer to lead to here.
    expect(answer.headers['www-authenticate']).not.toContain('resource_metadata');
  }
  expect((await raw(`${server.url}/.well-known/oauth-protected-resource`)).status).toBe(404);
});

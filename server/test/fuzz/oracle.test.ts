import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { opsErrors } from '../../src/capabilities/ops/errors.ts';
import { AppError, addErrorCodes, envelope } from '../../src/core/errors.ts';
import { findLeaks } from './leaks.ts';
import { type Judge, judge } from './oracle.ts';
import type { FuzzRequest } from './request.ts';
import type { Answer } from './send.ts';

addErrorCodes(opsErrors);

const secrets = {
  values: new Map([['the token admin', 'tutti_abcdefgh']]),
  paths: ['/place/of/ours'],
  declared: '/tmp/fuzz/declared',
};
const known: Judge = {
  secrets,
  tools: new Map([
    ['get_thing', { output: z.looseObject({ id: z.string() }), scope: 'lake:read', effect: 'read' }],
    ['put_thing', { output: z.looseObject({}), scope: 'lake:write', effect: 'write' }],
  ]),
};
const request: FuzzRequest = {
  surface: 'tools',
  kind: 'valid',
  label: 'get_thing',
  caller: 'admin',
  method: 'POST',
  path: '/tools/get_thing',
  headers: [],
  body: Buffer.from('{}'),
  tool: 'get_thing',
};
const answer = (status: number, body: unknown, more: Partial<Answer> = {}): Answer => ({
  status,
  headers: '',
  text: typeof body === 'string' ? body : JSON.stringify(body),
  ms: 1,
  ...more,
});
const problems = (of: Partial<FuzzRequest>, given: Answer) => judge({ ...request, ...of }, given, known).problems;
const failure = (code: string) => envelope(new AppError(code, 'It did not work.', 'Do another thing.'));
const rpc = (more: object) => ({ jsonrpc: '2.0', id: 1, ...more });

describe('an answer as it should be', () => {
  test.each<[string, Partial<FuzzRequest>, Answer]>([
    ['a success', {}, answer(200, { id: 'a' })],
    ['a failure', {}, answer(404, failure('NOT_FOUND'))],
    ['a success for a GPT', { surface: 'actions' }, answer(200, { id: 'a' })],
    ['a refusal', { caller: 'none' }, answer(401, failure('UNAUTHENTICATED'))],
    ['HEAD', { surface: 'pages', method: 'HEAD' }, answer(404, '')],
    ['of the parser', { surface: 'wire', chunks: [Buffer.from('x')] }, answer(400, '')],
    ['a failure of the protocol', { surface: 'mcp' }, answer(200, rpc({ error: { code: -32601, message: 'no' } }))],
    ['a tool that has no engine', {}, answer(503, failure('DOCKER_UNAVAILABLE'))],
    ['a note', { surface: 'mcp', caller: 'narrow', tool: 'put_thing' }, answer(202, '')],
    [
      'a stream',
      { surface: 'mcp' },
      answer(200, `event: message\ndata: ${JSON.stringify(rpc({ result: {} }))}\n\n`, {
        headers: 'content-type\ntext/event-stream',
      }),
    ],
  ])('%s', (_what, of, given) => {
    expect(problems(of, given)).toEqual([]);
  });
});

describe('an answer that must be found', () => {
  const structured = (structuredContent: object, text = JSON.stringify(structuredContent)) =>
    rpc({ result: { structuredContent, content: [{ type: 'text', text }] } });
  test.each<[string, Partial<FuzzRequest>, Answer, RegExp]>([
    ['a status of failure', {}, answer(503, failure('UNAVAILABLE')), /answered 503/],
    ['nothing', {}, answer(0, '', { failure: 'hung up' }), /hung up/],
    ['too much for a GPT', { surface: 'actions' }, answer(200, { id: 'a'.repeat(100_000) }), /too long/],
    ['a GPT without a key', { surface: 'actions', caller: 'none' }, answer(200, { id: 'a' }), /let somebody in/],
    ['no envelope', {}, answer(404, '404 Not Found'), /without its envelope/],
    [
      'no suggestion',
      {},
      answer(404, { success: false, error: { code: 'NOT_FOUND', message: 'x', suggestion: '' } }),
      /without/,
    ],
    ['an unknown code', {}, answer(404, failure('SURPRISE')), /failed with SURPRISE/],
    ['a code of another status', {}, answer(400, failure('NOT_FOUND')), /answered 400 with the code NOT_FOUND/],
    ['an output that misses its schema', {}, answer(200, { id: 1 }), /misses its schema: id/],
    ['no JSON', {}, answer(200, 'hello'), /no JSON/],
    [
      'an internal error of the protocol',
      { surface: 'mcp' },
      answer(200, rpc({ error: { code: -32603 } })),
      /internal error/,
    ],
    [
      'another text than the structure',
      { surface: 'mcp' },
      answer(200, structured({ id: 'a' }, '{}')),
      /not its structure/,
    ],
    ['a structure that misses its schema', { surface: 'mcp' }, answer(200, structured({ id: 1 })), /misses its schema/],
    [
      'somebody at the metrics',
      { surface: 'pages', caller: 'none', path: '/metrics' },
      answer(200, 'up 1'),
      /let somebody in/,
    ],
    ['somebody without a token', { caller: 'garbage' }, answer(200, { id: 'a' }), /let somebody in/],
    [
      'somebody without the scope',
      { caller: 'narrow', tool: 'put_thing' },
      answer(200, {}),
      /without the scope lake:write/,
    ],
    [
      'a change over a connection that is read-only',
      { surface: 'mcp', tool: 'put_thing', headers: [['x-mcp-readonly', 'true']] },
      answer(200, structured({})),
      /read-only/,
    ],
    [
      'a failure within a sequence',
      { surface: 'wire', chunks: [] },
      answer(200, 'x\nHTTP/1.1 500 No\n'),
      /answered 500/,
    ],
    ['a leak in a header', {}, answer(200, { id: 'a' }, { headers: 'x: tutti_abcdefgh' }), /holds the token admin/],
  ])('%s', (_what, of, given, expected) => {
    expect(problems(of, given).join('\n')).toMatch(expected);
  });
});

describe('leaks', () => {
  test.each([
    ['a token', 'my tutti_abcdefgh'],
    ['a path of ours', 'in /place/of/ours/data'],
    ['any path of the machine', 'open "/var/lib/x" failed'],
    ['a stack', 'Error: x\n    at Object.run (index.js)'],
    ['a line of the source', 'store.ts:12'],
    ['a word of the database', 'duplicate key value violates unique constraint "a"'],
    ['a word of the runtime', "Cannot read properties of undefined (reading 'a')"],
  ])('%s', (_what, text) => {
    expect(findLeaks(text, '', secrets)).toHaveLength(1);
  });

  test('what the caller said himself, what hostile requests left behind and a declared directory are none', () => {
    expect(findLeaks('at /place/of/ours and /var/lib/x', 'is there /place/of/ours or /var/lib/x?', secrets)).toEqual(
      [],
    );
    expect(findLeaks('{"a":"/etc/passwd"}', '', secrets)).toEqual([]);
    expect(findLeaks('file:///tmp/fuzz/declared/cars.csv', '', secrets)).toEqual([]);
  });

  test('what the engine says of SQL is data, but hides neither paths nor our own words', () => {
    const said = '{"engine":{"untrusted":true,"source":"duckdb","text":"syntax error at or near \\"A\\""}}';
    expect(findLeaks(said, '', secrets)).toEqual([]);
    expect(findLeaks(JSON.stringify({ text: said }), '', secrets)).toEqual([]);
    expect(findLeaks(said.replace('"A', '"/var/lib/x'), '', secrets)).toHaveLength(1);
    expect(findLeaks(`${said} syntax error at or near`, '', secrets)).toHaveLength(1);
  });

  test('a token is one even to the caller who brought it', () => {
    expect(findLeaks('tutti_abcdefgh', 'tutti_abcdefgh', secrets)).toEqual(['holds the token admin']);
  });
});

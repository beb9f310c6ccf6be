import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expandGrants, type Principal } from '../src/core/auth/principal.ts';
import { createCatalogue } from '../src/core/catalogue.ts';
import { createInvoke } from '../src/core/invoke.ts';
import { openKeys } from '../src/core/keys.ts';
import { createLog } from '../src/core/log.ts';
import { createCursors } from '../src/core/page.ts';
import type { Prompt } from '../src/core/prompt.ts';
import { type ToolContext, tool } from '../src/core/tool.ts';
import { narrow } from '../src/surfaces/exposure.ts';
import { type Listener, listen } from '../src/surfaces/listen.ts';
import { createMcp, type McpSurface } from '../src/surfaces/mcp.ts';
import { type Connected, connectors } from './support/mcp-clients.ts';

/** What one call of the tool `hang` does, and what became of its signal. */
let hung: PromiseWithResolvers<AbortSignal>;
let work: (context: ToolContext) => Promise<void>;

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-calls-'));
const log = createLog('silent');
const answer = z.looseObject({ ok: z.boolean() });
const common = { toolset: 'system', effect: 'read', scope: 'system:read', output: answer, description: '' } as const;
const tools = [
  tool({
    ...common,
    name: 'hang',
    title: 'Hang',
    input: {},
    async run(_input, context) {
      hung.resolve(context.signal);
      await work(context);
      return { ok: true };
    },
  }),
  ...Array.from({ length: 599 }, (_, index) =>
    tool({ ...common, name: `tool_${index}`, title: 'T', input: {}, run: async () => ({ ok: true }) }),
  ),
];
const prompts = Array.from(
  { length: 300 },
  (_, index): Prompt => ({
    name: `prompt_${index}`,
    title: 'P',
    description: 'A prompt.',
    toolset: 'system',
    arguments: [],
    render: () => 'Do it.',
  }),
);
const principal: Principal = { id: 'p', name: 'p', admin: false, scopes: expandGrants(['reader']).scopes };
const other: Principal = { ...principal, id: 'q' };

let mcp: McpSurface;
let listener: Listener;
beforeAll(async () => {
  const catalogue = createCatalogue(tools);
  const db = undefined as never;
  const invoke = createInvoke({ catalogue, db, log, strictOutputs: true });
  const cursors = createCursors(openKeys(directory));
  mcp = createMcp({ catalogue, invoke, resources: [], prompts, cursors, db, log, version: '1', maxBodyBytes: 100_000 });
  listener = await listen(
    (request) =>
      mcp.fetch(
        request,
        narrow('all', request.headers, false),
        request.headers.get('authorization') === 'Bearer q' ? other : principal,
      ),
    '127.0.0.1',
    0,
  );
});
afterAll(async () => {
  await mcp.close();
  await listener.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  hung = Promise.withResolvers();
  work = async ({ signal }) => {
    if (!signal.aborted) await once(signal, 'abort');
  };
});

describe.each(Object.entries(connectors))('%s', (kind, connect) => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await connect(listener.url, 'p');
  });
  afterAll(() => connected.client.close());

  test('pages through long lists', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the clients type their results differently
    const client = connected.client as any;
    const names: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages += 1) {
      const page = await client.request({ method: 'tools/list', params: cursor ? { cursor } : {} }, anything);
      names.push(...page.tools.map((one: { name: string }) => one.name));
      cursor = page.nextCursor;
    }
    expect(pages).toBe(3);
    expect(names).toEqual(tools.map((one) => one.name));
    const first = await client.request({ method: 'prompts/list', params: {} }, anything);
    expect(first.prompts).toHaveLength(250);
    const second = await client.request({ method: 'prompts/list', params: { cursor: first.nextCursor } }, anything);
    expect(second.prompts.map((one: { name: string }) => one.name)).toEqual(prompts.slice(250).map((one) => one.name));
    expect(second.nextCursor).toBeUndefined();
    for (const [method, cursor] of [
      ['tools/list', first.nextCursor],
      ['prompts/list', 'nonsense'],
    ]) {
      const bad = client.request({ method, params: { cursor } }, anything);
      await expect(bad).rejects.toMatchObject({ code: -32602, data: { error: { code: 'BAD_CURSOR' } } });
    }
  });

  test('a cancel reaches the signal of the call', async () => {
    const canceler = new AbortController();
    const call = connected.client.callTool({ name: 'hang', arguments: {} }, { signal: canceler.signal });
    call.catch(() => undefined);
    const signal = await hung.promise;
    expect(signal.aborted).toBe(false);
    canceler.abort();
    if (!signal.aborted) await once(signal, 'abort');
    await expect(call).rejects.toThrow();
  });

  test('a cancel stops no call of another connection or principal', async () => {
    const canceler = new AbortController();
    const mine = connected.client.callTool({ name: 'hang', arguments: {} }, { signal: canceler.signal });
    mine.catch(() => undefined);
    const first = await hung.promise;
    const others = await Promise.all(['p', 'q'].map((token) => connect(listener.url, token)));
    const theirs: AbortSignal[] = [];
    const ended = new AbortController();
    for (const { client } of others) {
      hung = Promise.withResolvers();
      client.callTool({ name: 'hang', arguments: {} }, { signal: ended.signal }).catch(() => undefined);
      theirs.push(await hung.promise);
    }
    canceler.abort();
    if (!first.aborted) await once(first, 'abort');
    expect(theirs.map((signal) => signal.aborted)).toEqual([false, false]);
    ended.abort();
    await Promise.all(theirs.filter((signal) => !signal.aborted).map((signal) => once(signal, 'abort')));
    await Promise.all(others.map(({ client }) => client.close()));
  });

  test('progress comes to who asked for it, in order and before the answer', async () => {
    work = async ({ progress }) => {
      for (const fraction of [0, 0.25, 0.5]) progress(fraction, 'running');
    };
    const seen: unknown[] = [];
    const params = { name: 'hang', arguments: {} };
    const result = await connected.client.callTool(params, { onprogress: (progress) => seen.push(progress) });
    expect(result.structuredContent).toEqual({ ok: true });
    expect(seen).toEqual([0, 0.25, 0.5].map((progress) => ({ progress, total: 1, message: 'running' })));
    expect((await connected.client.callTool(params)).structuredContent).toEqual({ ok: true });
  });

  test('cache hints go out in the revision that knows them', async () => {
    const { ttlMs, cacheScope } = await connected.client.listTools();
    const modern = kind === 'v2 client, negotiating';
    expect({ ttlMs, cacheScope }).toEqual(modern ? { ttlMs: 300_000, cacheScope: 'private' } : {});
  });
});

/** Takes any result, in whichever way a client asks for a schema. */
const anything = z.looseObject({});

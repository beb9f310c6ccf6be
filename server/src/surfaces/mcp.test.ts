import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expandGrants, type Principal } from '../core/auth/principal.ts';
import { createCatalogue } from '../core/catalogue.ts';
import { AppError } from '../core/errors.ts';
import { openKeys } from '../core/keys.ts';
import { createLog } from '../core/log.ts';
import { createCursors } from '../core/page.ts';
import { type Tool, tool } from '../core/tool.ts';
import type { Exposure } from './exposure.ts';
import { createMcp } from './mcp.ts';

/** How often anybody looked at the schemas of the tools below. */
let reads = 0;

/** A hundred tools like real ones, which notice when their schemas are read. */
const tools = Array.from({ length: 100 }, (_, index): Tool => {
  const plain = tool({
    name: `tool_${index}`,
    title: `Tool ${index}`,
    description: 'Tutti test: a tool.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, z.string().optional().describe('A field.')])),
    output: z.looseObject({ ok: z.boolean().describe('Whether it worked.') }),
    run: async () => ({ ok: true }),
  });
  return {
    ...plain,
    get input() {
      reads += 1;
      return plain.input;
    },
    get output() {
      reads += 1;
      return plain.output;
    },
  };
});

const principal: Principal = { id: 'p', name: 'p', admin: false, scopes: expandGrants(['reader']).scopes };
const failures: Record<string, unknown> = {
  tool_1: new AppError('CONFLICT', 'It is taken.', 'Choose another one.'),
  tool_2: new Error('hunter2'),
};
const catalogue = createCatalogue(tools);
const directory = mkdtempSync(path.join(tmpdir(), 'tutti-mcp-'));
const mcp = createMcp({
  catalogue,
  invoke: async (name) => {
    if (failures[name]) throw failures[name];
    return { ok: true, big: 1e21, text: '\u2028</script>' };
  },
  resources: [
    {
      kind: 'thing',
      toolset: 'system',
      title: 'Thing',
      description: 'A thing.',
      read: async (id) => {
        if (id === 'bad') throw new Error('hunter2');
        return { id };
      },
    },
  ],
  prompts: [],
  cursors: createCursors(openKeys(directory)),
  db: undefined as never,
  log: createLog('silent'),
  version: '1.2.3',
  maxBodyBytes: 100_000,
});
afterAll(async () => {
  await mcp.close();
  rmSync(directory, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: walked as plain JSON
async function call(method: string, params: object = {}, revision = '2025-11-25'): Promise<any> {
  const modern = revision === '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  };
  const { name, uri } = params as { name?: string; uri?: string };
  const request = new Request('http://127.0.0.1/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      ...(modern && { 'mcp-method': method }),
      ...(modern && (name ?? uri) && { 'mcp-name': name ?? uri }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: modern ? { ...params, _meta: meta } : params }),
  });
  const exposure: Exposure = { endpoint: 'all', toolsets: undefined, readOnly: false };
  const response = await mcp.fetch(request, exposure, principal);
  const text = await response.text();
  return JSON.parse(text.replace(/^[\s\S]*?data: /, ''));
}

describe.each(['2025-11-25', '2026-07-28'])('revision %s', (revision) => {
  test('lists a hundred tools without looking at a schema again', async () => {
    const first = await call('tools/list', {}, revision);
    expect(first.result.tools.map((one: { name: string }) => one.name)).toEqual(tools.map((one) => one.name));
    expect(first.result.tools[99].inputSchema).toEqual(catalogue.faces[99]?.inputSchema);
    const before = reads;
    for (let round = 0; round < 5; round += 1) {
      expect((await call('tools/list', {}, revision)).result).toEqual(first.result);
    }
    expect(reads).toBe(before);
    expect(before).toBe(2 * tools.length);
  });

  test('calls a tool without looking at the schema of any other', async () => {
    const before = reads;
    await call('tools/call', { name: 'tool_0', arguments: {} }, revision);
    expect(reads - before).toBeLessThanOrEqual(2);
  });

  test('answers with the structure and its exact JSON', async () => {
    const { result } = await call('tools/call', { name: 'tool_0', arguments: {} }, revision);
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
  });

  test('a failure is the envelope, and nothing of what was not meant for the caller', async () => {
    for (const [name, code] of [
      ['tool_1', 'CONFLICT'],
      ['tool_2', 'INTERNAL'],
    ]) {
      const { result } = await call('tools/call', { name, arguments: {} }, revision);
      expect(result.isError).toBe(true);
      expect(result).not.toHaveProperty('structuredContent');
      expect(JSON.parse(result.content[0].text)).toMatchObject({ success: false, error: { code } });
      expect(JSON.stringify(result)).not.toContain('hunter2');
    }
  });

  test('a resource is read by its URI', async () => {
    const { result } = await call('resources/read', { uri: 'thing://Some_Id-1' }, revision);
    expect(JSON.parse(result.contents[0].text)).toEqual({ id: 'Some_Id-1' });
    const { error } = await call('resources/read', { uri: 'thing://bad' }, revision);
    expect(error).toMatchObject({ code: -32603, data: { error: { code: 'INTERNAL' } } });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

/** An MCP server over stdio that does what its tools are named after. Messages are written by hand, for half of them are wrong. */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

type Args = Record<string, unknown>;
type Send = (message: object) => void;

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Args;
    readonly requestId?: number;
    readonly _meta?: { readonly progressToken?: number };
  };
}

const send: Send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
/** What tests read afterwards, in the working directory. */
const note = (line: string) => appendFileSync('trace', `${line}\n`);
const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const number = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
const circle = { type: 'object', properties: { next: { $ref: '#' } } };
const list = { type: 'object', properties: { result: { type: 'array' } }, 'x-fastmcp-wrap-result': true };
const plain = { type: 'object' };
let active = 0;
let most = 0;

/** Each answers a result; undefined leaves the request without an answer. */
const tools: Record<string, (args: Args, request: Request) => Promise<object | undefined> | object | undefined> = {
  echo: ({ text: said }) => text(String(said)),
  json: ({ value }) => text(JSON.stringify(value)),
  env: () => ({ ...text(''), structuredContent: { env: process.env, cwd: process.cwd(), uid: process.getuid?.() } }),
  /** Whether a variable has a value, for an answer never holds it. */
  has: ({ variable, value }) => text(String(process.env[String(variable)] === value)),
  read_file: ({ file }) => attempt(() => readFileSync(String(file), 'utf8')),
  async slow({ ms }) {
    active += 1;
    most = Math.max(most, active);
    await sleep(Number(ms));
    active -= 1;
    return text(String(most));
  },
  async progress({ steps, ms }, { params }) {
    for (let step = 1; step <= Number(steps); step += 1) {
      await sleep(Number(ms));
      const progressToken = params?._meta?.progressToken;
      send({
        method: 'notifications/progress',
        params: { progressToken, progress: step, total: steps, message: 'on it' },
      });
    }
    return text('done');
  },
  hang: () => undefined,
  /** Answers nothing from here on, not even a ping. */
  freeze() {
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
  die: () => process.exit(3),
  /** Takes memory that it does not use. */
  take: ({ mb }) =>
    attempt(() => `${Array.from({ length: Number(mb) / 64 }, () => Buffer.alloc(64 * 2 ** 20)).length}`),
  fail: ({ words = '' }) => ({ ...text(`no such mailbox ${words}`.trim()), isError: true }),
  deep(_, { id }) {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"list":${nested}}}}\n`,
    );
    return undefined;
  },
  not_json() {
    process.stdout.write('a word that is no message\n');
    return undefined;
  },
  broken_json() {
    process.stdout.write('{"jsonrpc": "2.0", "result": \n');
    return undefined;
  },
  wrong_id() {
    send({ id: 1_000_000, result: text('for somebody else') });
    return undefined;
  },
  no_result: (_, { id }) => void send({ id, result: { content: 'nothing that a tool answers' } }),
  large: ({ bytes }) => text('x'.repeat(Number(bytes))),
  noisy_echo({ text: said }) {
    process.stdout.write('loading…\n');
    return text(String(said));
  },
  number: ({ n }) => ({ ...text(''), structuredContent: { n } }),
  unstructured: () => text('no structure'),
  /** What it declares of its answer refers to itself. */
  circle: () => ({ ...text(''), structuredContent: { next: {} } }),
  list: () => ({ ...text(''), structuredContent: { result: [1, 2] } }),
  /** Leaves a helper that is not in this process group. */
  helper({ marker }) {
    spawn('/bin/sh', ['-c', 'sleep 1000', String(marker)], { detached: true, stdio: 'ignore' }).unref();
    return text('left');
  },
  drop({ name }) {
    delete tools[String(name)];
    send({ method: 'notifications/tools/list_changed' });
    return text('dropped');
  },
  drop_silently({ name }) {
    delete tools[String(name)];
    return text('dropped');
  },
  announce() {
    send({ method: 'notifications/tools/list_changed' });
    return text('nothing changed');
  },
};

const outputs: Record<string, object> = { number, unstructured: number, circle, list };
const annotations: Record<string, object> = { echo: { readOnlyHint: true }, slow: { idempotentHint: true } };

function attempt(work: () => string): object {
  try {
    return text(work());
  } catch (error) {
    return { ...text(String((error as { code?: string }).code)), isError: true };
  }
}

function listed(): object {
  note('tools/list');
  return {
    tools: Object.keys(tools).map((name) => ({
      name,
      inputSchema: plain,
      ...(outputs[name] && { outputSchema: outputs[name] }),
      ...(annotations[name] && { annotations: annotations[name] }),
    })),
  };
}

async function answer(request: Request): Promise<void> {
  const { id, method, params } = request;
  if (method === 'notifications/cancelled') return note(`cancelled ${params?.requestId}`);
  if (id === undefined) return;
  if (method === 'initialize') {
    note('initialize');
    if (process.argv[2] === 'silent') return;
    const capabilities = { tools: { listChanged: true } };
    return send({
      id,
      result: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'odd', version: '1' } },
    });
  }
  if (method === 'ping') return send({ id, result: {} });
  if (method === 'tools/list') return send({ id, result: listed() });
  const name = params?.name ?? '';
  const tool = tools[name];
  if (!tool) return send({ id, error: { code: -32_602, message: `Unknown tool: ${name}` } });
  note(`call ${name} ${id}`);
  const result = await tool(params?.arguments ?? {}, request);
  if (result) send({ id, result });
}

if (process.argv[2] === 'deaf') {
  // Ends by nothing that one asks of it.
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1000);
}
createInterface({ input: process.stdin }).on('line', (line) => void answer(JSON.parse(line) as Request));

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Place {
  /** Where the program runs. */
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

const patienceMs = 120_000;

/** Runs a program to its end without input, and answers all that it said. Throws when it fails or takes too long. */
export async function said(command: string, args: readonly string[], place: Place): Promise<string> {
  const child = spawn(command, args, { ...place, stdio: ['ignore', 'pipe', 'pipe'], timeout: patienceMs });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(signal ?? status));
  });
  const text = stripVTControlCharacters(output);
  if (code === 0) return text;
  throw new Error(`${[command.split('/').at(-1), ...args].join(' ')} ended with ${code}: ${text.trim().slice(-500)}`);
}

type Message = { readonly id?: number; readonly result?: unknown; readonly error?: unknown };

/** How messages are told apart: one a line, or each behind its length. */
export type Framing = 'lines' | 'lengths';

// biome-ignore lint/suspicious/noExplicitAny: each client answers in its own form
type Ask = (method: string, params: object) => Promise<any>;

/** Speaks JSON-RPC with a program as long as `talk` lasts. */
export async function conversation<T>(
  command: string,
  args: readonly string[],
  place: Place,
  framing: Framing,
  talk: (ask: Ask, tell: (method: string) => void) => Promise<T>,
): Promise<T> {
  const child = spawn(command, args, { ...place, timeout: patienceMs });
  const waiting = new Map<number, (message: Message) => void>();
  let notes = '';
  child.stderr.on('data', (chunk) => (notes += chunk));
  read(child, framing, (message) => message.id !== undefined && waiting.get(message.id)?.(message));
  const gone = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`it ended with ${code}: ${notes.trim().slice(-500)}`)));
  });
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(framing === 'lines' ? `${text}\n` : `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  let count = 0;
  const ask: Ask = async (method, params) => {
    count += 1;
    const answer = new Promise<Message>((resolve) => waiting.set(count, resolve));
    send({ id: count, method, params });
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  try {
    return await Promise.race([talk(ask, (method) => send({ method })), gone]);
  } finally {
    child.kill();
    // It may have started others, which write until they have closed its streams too.
    await gone.catch(() => undefined);
  }
}

function read({ stdout }: ChildProcessWithoutNullStreams, framing: Framing, take: (message: Message) => void): void {
  let bytes = Buffer.alloc(0);
  stdout.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let end = endOf(bytes, framing); end; end = endOf(bytes, framing)) {
      take(JSON.parse(bytes.subarray(end.from, end.to).toString()));
      bytes = bytes.subarray(end.to + end.skip);
    }
  });
}

/** Where the first whole message begins and ends; undefined when there is none yet. */
function endOf(bytes: Buffer, framing: Framing): { from: number; to: number; skip: number } | undefined {
  const head = bytes.indexOf(framing === 'lines' ? '\n' : '\r\n\r\n');
  if (head < 0) return undefined;
  if (framing === 'lines') return { from: 0, to: head, skip: 1 };
  const from = head + 4;
  const to = from + Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, head).toString())?.[1]);
  return bytes.length < to ? undefined : { from, to, skip: 0 };
}

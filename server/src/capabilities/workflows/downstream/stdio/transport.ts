import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import type { Launch } from '../isolation/launch.ts';
import { createTracker } from '../tracker.ts';
import { DownstreamError } from '../types.ts';
import { type Breaches, createBreaches } from './breach.ts';
import { endGroup } from './end-group.ts';
import { readLines } from './lines.ts';

/** How much of what the child says on stderr is kept for the case that it does not start. */
const keptStderr = 2000;
/** Time for what is still in the pipes of a child that has ended. */
const drainMs = 200;

/** MCP over the pipes of a child process that leads a process group, which ends with the connection. */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #tracker = createTracker((message) => this.onmessage?.(message));
  readonly #breaches: Breaches;
  readonly #launch: Launch;
  readonly #maxBytes: number;
  #child: ChildProcess | undefined;
  #stderr = '';
  #noise = 0;
  #heardAt = 0;
  #closed: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #ended = false;
  #hopeless = false;

  constructor(launch: Launch, maxBytes: number) {
    this.#launch = launch;
    this.#maxBytes = maxBytes;
    this.#breaches = createBreaches(this.#tracker, maxBytes, () => void this.close());
  }

  /** Whether it ends or has ended: nothing can be sent any more. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  /** Pipes have none. */
  get sessionId(): undefined {
    return undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last that it said on stderr. It may hold anything, so it is told of a child alone that never got to work. */
  get stderr(): string {
    return this.#stderr;
  }

  /** When anything came last, by `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Lines that were no messages so far. */
  get noise(): number {
    return this.#noise;
  }

  /** Why the connection was broken off, where the child broke the protocol. */
  get failure(): DownstreamError | undefined {
    return this.#breaches.failure();
  }

  start(): Promise<void> {
    const { file, args, ...options } = this.#launch;
    const child = spawn(file, [...args], { ...options, detached: true, stdio: 'pipe', shell: false });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = `${this.#stderr}${chunk.toString()}`.slice(-keptStderr);
    });
    const lines = readLines(this.#maxBytes, {
      line: (text) => this.#take(text),
      tooLong: (head, tail) => this.#breaches.tooLong(head, tail),
    });
    child.stdout.on('data', (chunk: Buffer) => {
      this.#heardAt = performance.now();
      lines.push(chunk);
    });
    child.stdout.once('end', () => void this.close());
    // A helper that it left may hold the pipes open, so the end of the child counts, not that of the pipes.
    child.once('exit', () => setTimeout(() => void this.close(), drainMs));
    return new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        reject(error);
        this.#end();
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable || this.#closed) throw new DownstreamError('unreachable', 'The server has ended.', false);
    this.#tracker.sent(message);
    if (stdin.write(`${JSON.stringify(message)}\n`)) return;
    await this.#drain(stdin);
  }

  /** Waits once for all until the pipe takes more. A child that reads no more is told by the time limit of the call. */
  #drain(stdin: Writable): Promise<void> {
    this.#draining ??= new Promise<void>((resolve) => {
      const done = () => {
        stdin.off('drain', done).off('close', done);
        this.#draining = undefined;
        resolve();
      };
      stdin.once('drain', done).once('close', done);
    });
    return this.#draining;
  }

  /** Closes without waiting for a child that answers nothing. */
  abandon(): Promise<void> {
    this.#hopeless = true;
    return this.close();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined) {
      child.stdin?.end();
      await endGroup(child, this.#hopeless || this.failure !== undefined);
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onclose?.();
  }

  #take(text: string): void {
    if (text.trim() === '' || this.#ended) return;
    // Servers that print a word on stdout are many; what begins like a message is none of those.
    if (!/^\s*[[{]/.test(text)) {
      this.#noise += 1;
      return;
    }
    const message = parseMessage(text);
    if (message === undefined) this.#breaches.breach('It sent what is no message of MCP.');
    else if (this.#tracker.came(message)) this.onmessage?.(message);
    else this.#breaches.breach('It answered a request that was never made.');
  }
}

function parseMessage(text: string): JSONRPCMessage | undefined {
  try {
    return parseJSONRPCMessage(JSON.parse(text));
  } catch {
    return undefined;
  }
}

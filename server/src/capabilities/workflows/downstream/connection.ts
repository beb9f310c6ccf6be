import type { Logger } from '../../../core/log.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { createBreaker, isOpenError } from './breaker.ts';
import { callTool } from './call-tool.ts';
import { asFailure, canceled } from './failure.ts';
import { createGate, type Gate } from './gate.ts';
import { lostSession } from './health.ts';
import { heard } from './heard.ts';
import type { Link, OpenTransport } from './link.ts';
import type { ServerTools } from './server-tools.ts';
import { createSession } from './session.ts';
import { similarNames } from './tool-list.ts';
import {
  type CallOptions,
  DownstreamError,
  type DownstreamFailure,
  type DownstreamTool,
  type ServerStatus,
} from './types.ts';

/** A server as its callers see it: its places, its breaker, and the one connection behind them. */
export interface Connection {
  readonly server: DownstreamServer;
  call(tool: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<unknown>;
  tools(refresh: boolean): Promise<readonly DownstreamTool[]>;
  find(tool: string): DownstreamTool | undefined;
  /** Whether its answers are held to its output schema. */
  checksOutput(tool: DownstreamTool): boolean;
  status(): ServerStatus;
  /** Looks whether an open connection that rests still answers. */
  examine(): Promise<void>;
  /** Ends once the calls under way have. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionNeeds {
  readonly server: DownstreamServer;
  readonly open: OpenTransport;
  readonly tools: ServerTools;
  readonly starts: Gate;
  readonly log: Logger;
  readonly breakerMs: number;
  readonly onCall: (outcome: string, seconds: number) => void;
}

export function createConnection(needs: ConnectionNeeds): Connection {
  const { server, tools } = needs;
  const breaker = createBreaker(needs.breakerMs);
  const gate = createGate(server.concurrency);
  let lastError: ServerStatus['lastError'];
  const session = createSession({
    ...needs,
    breaker,
    onFailure({ kind, message }) {
      lastError = { kind, message, at: new Date().toISOString() };
    },
  });

  async function call(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<unknown> {
    const began = performance.now();
    const tell = (outcome: string) => needs.onCall(outcome, (performance.now() - began) / 1000);
    try {
      const result = await placed(name, args, options);
      lastError = undefined;
      tell('ok');
      return result;
    } catch (error) {
      const failure = asFailure(error, false);
      if (!session.isOwn(failure)) note(failure.kind);
      tell(failure.kind);
      throw failure;
    }
  }

  async function placed(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<unknown> {
    // Who waits for a place would only learn the same later.
    if (breaker.isOpen()) throw isOpenError(needs.breakerMs);
    const leave = await gate.enter(options.signal).catch(() => Promise.reject(canceled(false)));
    try {
      return await breaker.run(() => attempt(name, args, options), options.signal);
    } finally {
      leave();
    }
  }

  /** Once more on a new connection, where it is certain that the first has not brought the call to the tool. */
  async function attempt(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions) {
    for (let again = false; ; again = true) {
      const link = await heard(session.connected(), options.signal);
      const done = link.use();
      let sent = false;
      const onSend = () => {
        sent = true;
        if (!again) options.onSend?.();
      };
      try {
        const tool = await findTool(link, name);
        const check = tools.checkOf(tool);
        return await callTool(server, { link, tool, check, args, options: { ...options, onSend } });
      } catch (error) {
        const failure = await explain(error, link, name, sent);
        const unheard =
          lostSession(error, link) || (link.isClosed() && failure.kind === 'unreachable' && !failure.sent);
        if (!unheard || again) judge(failure, link);
        if (!unheard || again) throw failure;
        session.drop(link);
      } finally {
        done();
      }
    }
  }

  async function findTool(link: Link, name: string): Promise<DownstreamTool> {
    if (!tools.find(name)) await session.list(link, true);
    const tool = tools.find(name);
    if (tool) return tool;
    throw noTool(server.name, name, tools.all() ?? []);
  }

  async function askTools(): Promise<void> {
    await session.list(await session.connected(), true);
  }

  /** What was refused as unknown may have gone without a word. */
  async function explain(error: unknown, link: Link, name: string, sent: boolean): Promise<DownstreamError> {
    const failure = asFailure(error, sent);
    if (failure.kind !== 'tool_error' || error instanceof DownstreamError || link.isClosed()) return failure;
    await session.list(link).catch(() => undefined);
    return tools.find(name) ? failure : noTool(server.name, name, tools.all() ?? []);
  }

  /** Counts what speaks against the server itself, once for all whom it hit. */
  function judge(failure: DownstreamError, link: Link): void {
    const { kind } = failure;
    if (kind === 'unreachable') {
      breaker.fault(failure, failure);
      session.drop(link);
    } else if (kind === 'closed_in_flight' || (kind === 'bad_answer' && link.isClosed())) {
      breaker.fault(failure, link.isClosed() ? link : failure);
    } else if (kind === 'timeout' || kind === 'bad_answer') {
      // Slow is not dead: only who answers nothing at all is ended.
      void session.examine(link);
    }
  }

  /** Of a call only how it failed: its words may hold what it was about, and the status is for many to read. */
  function note(kind: DownstreamFailure): void {
    const message = callWords[kind];
    if (message !== undefined) lastError = { kind, message, at: new Date().toISOString() };
  }

  function state(): ServerStatus['state'] {
    if (breaker.isOpen()) return 'breaker_open';
    if (session.isOpening()) return 'connecting';
    if (session.current()) return 'connected';
    return lastError === undefined ? 'idle' : 'down';
  }

  return {
    server,
    call,
    find: (name) => tools.find(name),
    checksOutput: (tool) => tools.checkOf(tool) !== undefined,
    async tools(refresh) {
      const known = tools.all();
      if (known && !refresh) return known;
      await breaker.run(askTools).catch((error: unknown) => {
        throw asFailure(error, false);
      });
      return tools.all() ?? [];
    },
    status: () => ({
      name: server.name,
      transport: server.command === undefined ? 'http' : 'stdio',
      state: state(),
      active: gate.active(),
      waiting: gate.waiting(),
      tools: tools.all()?.length,
      connectedAt: session.since(),
      lastError,
    }),
    async examine() {
      const link = session.current();
      if (link && gate.active() === 0) await session.examine(link);
    },
    async retire() {
      await gate.idle();
      await session.close();
    },
    close: () => session.close(),
  };
}

const callWords: Readonly<Partial<Record<DownstreamFailure, string>>> = {
  unreachable: 'A call could not be brought to it.',
  timeout: 'A call was not answered in time.',
  bad_answer: 'A call was answered by what is no answer.',
  closed_in_flight: 'It ended, or the connection, in the middle of a call.',
};

function noTool(server: string, name: string, tools: readonly DownstreamTool[]): DownstreamError {
  const names = tools.map((tool) => tool.name);
  const near = similarNames(name, names);
  return new DownstreamError(
    'no_tool',
    `It has no tool ${JSON.stringify(name.slice(0, 100))}.`,
    false,
    near.length > 0
      ? `Did you mean ${near.map((known) => JSON.stringify(known)).join(' or ')}? list_downstream_tools lists all of ${server}.`
      : `list_downstream_tools lists the tools of ${server}.`,
  );
}

import {
  Client,
  type Implementation,
  ProtocolError,
  type ProtocolErrorCode,
  type Transport,
} from '@modelcontextprotocol/client';
import { untrusted } from '../../../core/errors.ts';
import { version } from '../../../core/version.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { asFailure, timedOut } from './failure.ts';
import { createGate } from './gate.ts';
import { HttpTransport } from './http/transport.ts';
import { ChildTransport } from './stdio/transport.ts';
import { failureIn } from './tracker.ts';
import { DownstreamError } from './types.ts';

/** One initialised connection to a server. */
export interface Link {
  readonly client: Client;
  /** Notes that a call uses it; answers how to say that it no longer does. */
  use(): () => void;
  /** Ends it once no call uses it. */
  drop(): void;
  /** Ends it; at once when the other side answers nothing any more. */
  close(atOnce?: boolean): Promise<void>;
  /** Why it ended, where the other side broke the protocol. */
  failure(): DownstreamError | undefined;
  /** Lines that came so far and were no messages. */
  noise(): number;
  /** When anything came last, by `performance.now()`; 0 where that is not known. */
  heardAt(): number;
  /** Whether a session of the server carries it, which the server may forget. */
  hasSession(): boolean;
  isClosed(): boolean;
  /** The process, where it is one. */
  readonly pid: number | undefined;
}

export interface LinkEvents {
  /** The server says that its tools have changed. */
  onToolsChanged(): void;
}

type OwnTransport = ChildTransport | HttpTransport;
export type OpenTransport = (signal: AbortSignal) => Promise<OwnTransport>;

const clientInfo: Implementation = { name: 'tutti', version };
const newestRevision = '2026-07-28';
const unsupportedRevision: ProtocolErrorCode | number = -32_022;

/** Opens a connection and initialises it within the server's time for that; what was started ends with a failure. */
export async function openLink(server: DownstreamServer, open: OpenTransport, events: LinkEvents): Promise<Link> {
  const signal = AbortSignal.timeout(server.connect_timeout_s * 1000);
  const first = server.command === undefined ? ('auto' as const) : ('legacy' as const);
  try {
    return await initialise(server, open, events, first, signal);
  } catch (error) {
    // Pipes are not asked beforehand, for older servers end at an unknown request: the newest ones say what they speak.
    const isNewer = error instanceof ProtocolError && (error.code === unsupportedRevision || error.code === -32_601);
    if (first !== 'legacy' || !isNewer) throw asLinkFailure(error);
  }
  try {
    return await initialise(server, open, events, { pin: newestRevision }, signal);
  } catch (error) {
    throw asLinkFailure(error);
  }
}

async function initialise(
  server: DownstreamServer,
  open: OpenTransport,
  events: LinkEvents,
  mode: 'auto' | 'legacy' | { pin: string },
  signal: AbortSignal,
): Promise<Link> {
  const transport = await within(open(signal), signal);
  const client = new Client(clientInfo, {
    capabilities: {},
    versionNegotiation: { mode },
    listChanged: { tools: { autoRefresh: false, onChanged: events.onToolsChanged } },
    enforceStrictCapabilities: false,
  });
  let closed = false;
  client.onclose = () => {
    closed = true;
  };
  // Whatever matters of it comes with the call that it ends.
  client.onerror = () => undefined;
  try {
    const timeout = server.connect_timeout_s * 1000;
    await within(client.connect(transport as Transport, { timeout, signal }), signal);
  } catch (error) {
    const said = transport instanceof ChildTransport ? transport.stderr.trim() : '';
    await abandon(transport);
    throw said === '' || failureIn(error) ? error : withWords(asLinkFailure(error), said);
  }
  const child = transport instanceof ChildTransport ? transport : undefined;
  const uses = createGate(Number.POSITIVE_INFINITY);
  return {
    client,
    use: () => uses.take(),
    drop: () => void uses.idle().then(() => abandon(transport)),
    pid: child?.pid,
    failure: () => child?.failure,
    noise: () => child?.noise ?? 0,
    heardAt: () => child?.heardAt ?? 0,
    hasSession: () => transport.sessionId !== undefined,
    isClosed: () => closed || child?.isClosing === true,
    close: (atOnce = false) => (atOnce ? abandon(transport) : leave(transport)),
  };
}

/** A promise that gives up with the signal, whose work then goes on unheard. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(timedOut(false));
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function asLinkFailure(error: unknown): DownstreamError {
  const failure = asFailure(error, false);
  return failure.kind === 'tool_error' ? new DownstreamError('bad_answer', failure.message, false) : failure;
}

function withWords({ kind, message, suggestion }: DownstreamError, said: string): DownstreamError {
  const { text } = untrusted('stderr', said, 500);
  return new DownstreamError(kind, `${message} It said: ${text}`, false, suggestion);
}

function abandon(transport: OwnTransport): Promise<void> {
  return transport instanceof ChildTransport ? transport.abandon() : transport.close();
}

/** A session ends where it is, so that the server need not wait for its end. */
async function leave(transport: OwnTransport): Promise<void> {
  if (transport instanceof HttpTransport && transport.sessionId !== undefined) {
    await within(transport.terminateSession(), AbortSignal.timeout(1000)).catch(() => undefined);
  }
  await transport.close();
}

import type { Logger } from '../../../core/log.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import type { Breaker } from './breaker.ts';
import { asFailure } from './failure.ts';
import type { Gate } from './gate.ts';
import { isAnswering } from './health.ts';
import { type Link, type OpenTransport, openLink } from './link.ts';
import type { ServerTools } from './server-tools.ts';
import { fetchTools } from './tool-list.ts';
import { DownstreamError } from './types.ts';

export interface SessionNeeds {
  readonly server: DownstreamServer;
  readonly open: OpenTransport;
  readonly tools: ServerTools;
  /** Bounds how many servers of this process start at once. */
  readonly starts: Gate;
  readonly log: Logger;
  readonly breaker: Breaker;
  /** Told of each attempt to connect that failed. */
  readonly onFailure: (failure: DownstreamError) => void;
}

/** The connection that all calls of a server share: opened when it is wanted, and again when it was lost. */
export interface Session {
  /** The open connection, or the one attempt to open it, which none of those who wait for it can cancel. */
  connected(): Promise<Link>;
  current(): Link | undefined;
  /** Whether a failure is one of an attempt to connect. */
  isOwn(failure: DownstreamError): boolean;
  isOpening(): boolean;
  /** Since when it is connected, ISO 8601; undefined while it is not. */
  since(): string | undefined;
  /** Asks for the tools again; `unlessFresh` where the list is not brand-new. */
  list(link: Link, unlessFresh?: boolean): Promise<void>;
  /** Uses it for new calls no more. */
  drop(link: Link): void;
  /** Ends a connection whose other side answers nothing. */
  examine(link: Link): Promise<void>;
  close(): Promise<void>;
}

/** A list that was fetched so lately is not asked for again for a tool that is not in it. */
const freshMs = 2000;

export function createSession({ server, open, tools, starts, log, breaker, onFailure }: SessionNeeds): Session {
  const closing = new AbortController();
  let link: Link | undefined;
  let opening: Promise<Link> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let since: string | undefined;
  const own = new WeakSet<DownstreamError>();

  async function connect(): Promise<Link> {
    let made: Link | undefined;
    const leave = await starts.enter(closing.signal).catch(() => Promise.reject(isClosing()));
    try {
      made = await openLink(server, open, { onToolsChanged: () => void refresh() });
      if (closing.signal.aborted) throw isClosing();
      await list(made);
      link = made;
      since = new Date().toISOString();
      log.info({ server: server.name }, 'connected to a downstream server');
      return made;
    } catch (error) {
      await made?.close(true);
      const failure = asFailure(error, false);
      log.warn({ server: server.name, kind: failure.kind }, 'a downstream server cannot be reached');
      breaker.fault(failure, failure);
      own.add(failure);
      onFailure(failure);
      throw failure;
    } finally {
      leave();
    }
  }

  async function list(from: Link, unlessFresh = false): Promise<void> {
    if (unlessFresh && performance.now() - fetchedAt < freshMs) return;
    const found = await fetchTools(from.client, server.connect_timeout_s * 1000, closing.signal);
    fetchedAt = performance.now();
    await tools.take(found);
  }

  async function refresh(): Promise<void> {
    const from = current();
    if (from) await list(from).catch(() => log.debug({ server: server.name }, 'its tools could not be listed'));
  }

  function current(): Link | undefined {
    return link?.isClosed() ? undefined : link;
  }

  return {
    current,
    isOwn: (failure) => own.has(failure),
    list,
    isOpening: () => opening !== undefined,
    since: () => (current() ? since : undefined),
    connected() {
      if (closing.signal.aborted) return Promise.reject(isClosing());
      const open = current();
      if (open) return Promise.resolve(open);
      opening ??= connect().finally(() => {
        opening = undefined;
      });
      return opening;
    },
    drop(used) {
      if (link === used) link = undefined;
      used.drop();
    },
    async examine(used) {
      if (used.isClosed() || (await isAnswering(used)) || used.isClosed()) return;
      log.warn({ server: server.name }, 'a downstream server answers nothing any more: its connection is ended');
      await used.close(true);
      await breaker.note(used);
    },
    async close() {
      closing.abort();
      await link?.close();
      // One that is being opened sees that we close, and ends itself.
      await opening?.catch(() => undefined);
    },
  };
}

function isClosing(): DownstreamError {
  return new DownstreamError('unreachable', 'The connection to the server is being closed.', false, 'Try again later.');
}

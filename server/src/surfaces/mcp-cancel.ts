import { randomUUID } from 'node:crypto';
import type { RequestId } from '@modelcontextprotocol/server';
import type { Principal } from '../core/auth/principal.ts';

const header = 'mcp-session-id';

/**
 * Cancellation for the revisions in which it is a request of its own. `initialize` is answered with a random session id;
 * clients repeat it, so that a cancel is told apart from another connection's with the same request ids. Nothing is
 * kept but the calls that run: any session id is taken, after a restart and by any server, and a cancel that reaches
 * another server than its call is lost, as the protocol allows.
 */
export function createCancellations() {
  const running = new Map<string, AbortController>();
  const keyOf = (principal: Principal, session: string, id: RequestId) => JSON.stringify([principal.id, session, id]);

  return {
    /** Does what a body asks to cancel, before the protocol library drops it. */
    apply(request: Request, body: unknown, principal: Principal): void {
      const session = request.headers.get(header);
      if (session === null) return;
      for (const message of Array.isArray(body) ? body : [body]) {
        const id = message?.method === 'notifications/cancelled' ? message.params?.requestId : undefined;
        if (typeof id === 'string' || typeof id === 'number') running.get(keyOf(principal, session, id))?.abort();
      }
    },

    /**
     * A batch without the notes that cancel a request of the same batch: the protocol library answers no canceled request, and
     * would hold the answer to the batch open for ever.
     */
    withoutOwn(body: unknown): unknown {
      if (!Array.isArray(body)) return body;
      const ids = new Set(body.map((message) => (message?.method === undefined ? undefined : message.id)));
      const own = (id: unknown) => id !== undefined && ids.has(id);
      return body.filter((message) => message?.method !== 'notifications/cancelled' || !own(message.params?.requestId));
    },

    /** Runs a call with a signal that fires when its caller cancels it or goes away. */
    async run<T>(
      {
        request,
        principal,
        id,
        signal,
      }: { request: Request; principal: Principal; id: RequestId; signal: AbortSignal },
      call: (signal: AbortSignal) => Promise<T>,
    ): Promise<T> {
      const session = request.headers.get(header);
      if (session === null) return call(signal);
      const key = keyOf(principal, session, id);
      const controller = new AbortController();
      running.set(key, controller);
      try {
        return await call(AbortSignal.any([signal, controller.signal]));
      } finally {
        if (running.get(key) === controller) running.delete(key);
      }
    },

    /** The answer to `initialize`, with a session id. */
    begin(response: Response): Response {
      const { status, body } = response;
      const headers = new Headers(response.headers);
      headers.set(header, randomUUID());
      return new Response(body, { status, headers });
    },
  };
}

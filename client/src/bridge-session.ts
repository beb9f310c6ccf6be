import type { Grant } from './bridge-control.ts';

/** The token that a bridge uses now: asked for when needed, renewed before it expires or when the server is another one. */
export interface Session {
  current(): Promise<Grant>;
  /** Gives up a token that did not work. */
  drop(grant: Grant): void;
  close(): void;
}

/** How long a server that went away may take to come back before another one is started. */
const restartMs = 5000;
/** How long a renewed token is kept for the calls that still run with it. */
const overlapMs = 60_000;

/** A session on what `reach` gets; `reach` is told how long to wait for a server before it starts one. */
export function createSession(reach: (patienceMs: number) => Promise<Grant>): Session {
  let grant: Grant | undefined;
  let pending: Promise<Grant> | undefined;
  let known = false;

  async function renew(): Promise<Grant> {
    const former = grant;
    grant = await reach(known ? restartMs : 0);
    known = true;
    if (former) setTimeout(() => former.close(), overlapMs).unref();
    return grant;
  }

  return {
    async current() {
      if (grant?.holds()) return grant;
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    drop(bad) {
      bad.close();
      if (grant === bad) grant = undefined;
    },
    close() {
      grant?.close();
    },
  };
}

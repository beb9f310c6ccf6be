import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../canonical.ts';
import { isConnectionLoss } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Identify } from './identity.ts';
import type { Principal } from './principal.ts';

/** Who called before: for what is answered from memory, be the database there or not. */
export interface Remembered {
  /** Who it is by the database, which is asked each time. */
  readonly identify: Identify;
  /**
   * Who it is by the database or, when that was asked within `trustMs` or is away now, by what it said last, not longer ago
   * than the stated age. Whoever is known only so is `remembered`.
   */
  recall(secret: string | undefined, path: string, trustMs: number): Promise<Principal>;
}

export interface RememberedSettings {
  readonly identify: Identify;
  /** The stated age: for so long a token that was revoked may still read from memory. */
  readonly maxAgeMs: number;
}

interface Known {
  readonly principal: Principal;
  readonly askedAt: number;
}

/** Without an answer for so long, the database counts as away. */
const lateMs = 1000;
const maxKnown = 10_000;

/** Remembers callers by their tokens, of which it keeps a hash only. */
export function rememberCallers({ identify, maxAgeMs }: RememberedSettings): Remembered {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Principal>>();
  let away = false;

  return {
    identify: (secret, path) => ask(secret, path),
    async recall(secret, path, trustMs) {
      const before = secret === undefined ? undefined : known.get(keyOf(secret, path));
      if (before && holds(before, Math.min(trustMs, maxAgeMs))) return before.principal;
      const asked = askOnce(secret, path);
      if (!before || !holds(before, maxAgeMs)) return asked;
      asked.catch(() => undefined); // it may come too late for anybody
      try {
        const answer = away ? undefined : await Promise.race([asked, sleep(lateMs, undefined, { ref: false })]);
        if (answer) return answer;
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
      }
      away = true;
      return { ...before.principal, remembered: true };
    },
  };

  function askOnce(secret: string | undefined, path: string): Promise<Principal> {
    if (secret === undefined) return identify(secret, path);
    const key = keyOf(secret, path);
    const asked = asking.get(key) ?? ask(secret, path).finally(() => asking.delete(key));
    asking.set(key, asked);
    return asked;
  }

  async function ask(secret: string | undefined, path: string): Promise<Principal> {
    const askedAt = Date.now();
    const key = secret === undefined ? undefined : keyOf(secret, path);
    try {
      const principal = await identify(secret, path);
      away = false;
      // Of a process that stays connected, what it brought along ends with it.
      if (key !== undefined && !principal.connection) keep(key, { principal, askedAt });
      return principal;
    } catch (error) {
      if (key !== undefined && error instanceof AppError && error.code === 'UNAUTHENTICATED') known.delete(key);
      throw error;
    }
  }

  function keep(key: string, caller: Known): void {
    known.delete(key);
    known.set(key, caller);
    const [oldest] = known.size > maxKnown ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
  }
}

/** UNAVAILABLE for whoever is known from before only, where an answer comes out of the database. */
export function requireDatabaseFor(
  principal: Principal,
  { fromMemory = false }: { readonly fromMemory?: boolean },
): void {
  if (!principal.remembered || fromMemory) return;
  throw new AppError(
    'UNAVAILABLE',
    'The database is away just now; nothing was changed.',
    'Try again in a moment. Configurations of clients can be read meanwhile: get_config, diff_config, poll_config_changes.',
  );
}

function holds({ principal, askedAt }: Known, ageMs: number): boolean {
  const now = Date.now();
  return now - askedAt < ageMs && (principal.expiresAt === undefined || principal.expiresAt.getTime() > now);
}

/** A token of an issuer may be for one endpoint only. */
function keyOf(secret: string, path: string): string {
  return `${sha256(secret)} ${/^\/mcp\/[a-z]+$/.test(path) ? path : ''}`;
}

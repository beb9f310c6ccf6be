import type { Identify } from '../core/auth/identity.ts';
import type { Principal } from '../core/auth/principal.ts';
import { AppError } from '../core/errors.ts';

/** Who called with which token, and what path. */
export interface Token {
  readonly secret: string | undefined;
  readonly path: string;
  readonly principal: Principal;
}

/** A token that a long answer stands on. */
export interface Held {
  /** The principal as it was when it was last looked at. */
  readonly principal: () => Principal;
  release(): void;
}

export interface Standing {
  /** Looks again and again whether a token still holds, and says when it does not any more. */
  hold(token: Token, onEnd: () => void): Held;
}

const everyMs = 2000;

/** Holds long answers to their tokens: once in a while and once for all answers of one token it authenticates again. */
export function createStanding(identify: Identify): Standing {
  const tokens = new Map<string, Token & { principal: Principal; readonly ends: Set<() => void> }>();
  let looking = false;

  return {
    hold(given, onEnd) {
      const key = `${given.path} ${given.secret}`;
      const token = tokens.get(key) ?? { ...given, ends: new Set() };
      tokens.set(key, token);
      token.ends.add(onEnd);
      if (!looking) plan();
      return {
        principal: () => token.principal,
        release() {
          token.ends.delete(onEnd);
          if (token.ends.size === 0 && tokens.get(key) === token) tokens.delete(key);
        },
      };
    },
  };

  function plan(): void {
    looking = true;
    setTimeout(() => void look(), everyMs).unref();
  }

  async function look(): Promise<void> {
    for (const [key, token] of [...tokens]) {
      try {
        token.principal = await identify(token.secret, token.path);
      } catch (error) {
        // Any other failure, such as a database that is away, says nothing about the token.
        if (!(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') continue;
        tokens.delete(key);
        for (const end of [...token.ends]) end();
      }
    }
    looking = false;
    if (tokens.size > 0) plan();
  }
}

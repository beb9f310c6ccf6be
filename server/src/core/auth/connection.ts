import { createHmac, randomBytes } from 'node:crypto';
import { canonicalJson } from '../canonical.ts';

/** What holds only as long as a caller stays connected. */
export interface Connection {
  /** Variables of the caller's environment, such as ORCHESTRA_API_KEY. A map, so that no JSON ever shows its values. */
  readonly variables: ReadonlyMap<string, string>;
  /** Fires when the caller is gone: what was made of the variables is forgotten then. */
  readonly ended: AbortSignal;
}

/** By the id of the token that the connection was given. In this process's memory only, never logged, never stored. */
const held = new Map<string, Connection>();

/** Holds a connection's variables for its token. What is returned forgets them, also where a call still has them. */
export function holdConnection(tokenId: string, variables: Readonly<Record<string, string>>): () => void {
  const values = new Map(Object.entries(variables));
  const end = new AbortController();
  held.set(tokenId, { variables: values, ended: end.signal });
  return () => {
    values.clear();
    held.delete(tokenId);
    end.abort();
  };
}

export function connectionOf(tokenId: string): Connection | undefined {
  return held.get(tokenId);
}

const salt = randomBytes(32);

/** The same for connections that brought the same variables, as one does whose token is renewed; it means nothing to another process. */
export function markOf({ variables }: Connection): string {
  return createHmac('sha256', salt)
    .update(canonicalJson(Object.fromEntries(variables)))
    .digest('hex');
}

/** A connection of this mark that is still there. */
export function connectionOfMark(mark: string): Connection | undefined {
  return [...held.values()].find((connection) => markOf(connection) === mark);
}

/** What holds only as long as a caller stays connected. */
export interface Connection {
  /** Variables of the caller's environment, such as ORCHESTRA_API_KEY. A map, so that no JSON ever shows its values. */
  readonly variables: ReadonlyMap<string, string>;
}

/** By the id of the token that the connection was given. In this process's memory only, never logged, never stored. */
const held = new Map<string, Connection>();

/** Holds a connection's variables for its token. What is returned forgets them, also where a call still has them. */
export function holdConnection(tokenId: string, variables: Readonly<Record<string, string>>): () => void {
  const values = new Map(Object.entries(variables));
  held.set(tokenId, { variables: values });
  return () => {
    values.clear();
    held.delete(tokenId);
  };
}

export function connectionOf(tokenId: string): Connection | undefined {
  return held.get(tokenId);
}

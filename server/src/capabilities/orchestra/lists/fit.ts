/** The first items that fit into so many bytes of JSON; at least one, so that a list always goes on. */
export function fitting<T>(items: readonly T[], maxBytes: number): T[] {
  let bytes = 0;
  const over = items.findIndex((item, at) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return at > 0 && bytes > maxBytes;
  });
  return over === -1 ? [...items] : items.slice(0, over);
}

/** What one answer may hold, in bytes of JSON: clients cut or refuse more than about 25,000 tokens. */
export const answerBytes = 90_000;

/** Things in memory of bounded size, those that were wanted last. */
export interface Kept<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** Keeps something of this size; what was wanted longest ago makes room. One that is larger than all of it is not kept. */
  put(key: string, value: T, bytes: number): void;
  /** Whether something of this size has room without another one having to go. */
  hasRoom(bytes: number): boolean;
}

/** Memory for things by their keys, of at most `maxBytes`. */
export function createKept<T>(maxBytes: number): Kept<T> {
  const kept = new Map<string, { readonly value: T; readonly bytes: number }>();
  let total = 0;

  function drop(key: string): void {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  return {
    get(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    },
    has: (key) => kept.has(key),
    put(key, value, bytes) {
      drop(key);
      if (bytes > maxBytes) return;
      kept.set(key, { value, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= maxBytes) return;
        drop(oldest);
      }
    },
    hasRoom: (bytes) => total + bytes <= maxBytes,
  };
}

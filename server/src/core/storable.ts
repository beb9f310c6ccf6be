const maxDepth = 200;

/** Whether a text can be kept: PostgreSQL holds neither NUL nor half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Finds what cannot be kept in a JSON value: such a text, as value or name, or nesting that no parser survives. */
export function findUnstorable(value: unknown): { path: string; message: string } | undefined {
  const open: { value: unknown; path: readonly string[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value: member, path } = next;
    if (typeof member === 'string' && !isStorable(member)) return { path: path.join('.'), message: oddText };
    if (typeof member !== 'object' || member === null) continue;
    if (path.length === maxDepth) return { path: path.slice(0, 3).join('.'), message: 'nested too deeply' };
    for (const [name, inner] of Object.entries(member)) {
      if (!isStorable(name)) return { path: path.join('.'), message: oddText };
      if (name === '__proto__') return { path: [...path, name].join('.'), message: 'is not a name that can be kept' };
      open.push({ value: inner, path: [...path, name] });
    }
  }
  return undefined;
}

/**
 * A value as the text of a jsonb, for what others wrote into files and logs: each character that PostgreSQL cannot hold becomes
 * U+FFFD. What callers say is refused instead, see `findUnstorable`.
 */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  // Escapes are read from left to right, so that a backslash before u0000 stays the text that it is.
  return text.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (whole, escaped: string) =>
    escaped.length > 1 ? '\\ufffd' : whole,
  );
}

const oddText = 'has a NUL or half of a surrogate pair';

type Json = Readonly<Record<string, unknown>>;

interface Caps {
  /** Bytes of one text, as JSON. */
  readonly text: number;
  readonly quote: number;
  readonly items: number;
}

/** From generous to what always fits. */
const ladder: readonly Caps[] = [
  { text: 1500, quote: 5000, items: 20 },
  { text: 700, quote: 3000, items: 12 },
  { text: 400, quote: 1500, items: 8 },
  { text: 250, quote: 700, items: 5 },
  { text: 150, quote: 300, items: 3 },
  { text: 100, quote: 150, items: 1 },
];

/**
 * Cuts texts and lists, all alike and no more than needed, until the report has at most `maxBytes` as JSON. A block of which something
 * was cut says `truncated: true`. `quotes` names the blocks whose texts tell most, which are cut last; `url` is never cut, it is ours.
 */
export function fitted<T extends Record<string, Json>>(report: T, maxBytes: number, quotes: ReadonlySet<string>): T {
  let result: Record<string, Json> = report;
  for (const { text, quote, items } of ladder) {
    result = Object.fromEntries(
      Object.entries(report).map(([name, block]) => [name, cutBlock(block, quotes.has(name) ? quote : text, items)]),
    );
    if (bytesOf(result) <= maxBytes) break;
  }
  return result as T;
}

function cutBlock(block: Json, maxText: number, maxItems: number): Json {
  let cut = false;
  const walked = walk(block) as Json;
  return cut ? { ...walked, truncated: true } : walked;

  function walk(value: unknown): unknown {
    if (typeof value === 'string') return shortened(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      cut ||= value.length > maxItems;
      return value.slice(0, maxItems).map(walk);
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, member]) => {
        if (name === 'url') return [[name, member]];
        const part = walk(member);
        // Half an address leads nowhere.
        return part !== member && /_(?:link|uri)$/.test(name) ? [] : [[name, part]];
      }),
    );
  }

  function shortened(text: string): string {
    if (bytesOf(text) <= maxText) return text;
    cut = true;
    let part = text.slice(0, maxText);
    while (bytesOf(`${part}…`.toWellFormed()) > maxText) part = part.slice(0, Math.floor(part.length * 0.9));
    return `${part}…`.toWellFormed();
  }
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

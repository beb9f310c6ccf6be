/** Every form in which the secrets of this process might turn up in a text, the longest first. */
let needles: readonly string[] = [];
const values = new Set<string>();
const maxValues = 1000;

/** Shorter values cannot be told from ordinary words, so they are no secrets here. */
export const shortestSecret = 6;

/** From now on this value, also encoded, never leaves through `redact`. */
export function conceal(value: string): void {
  if (value.length < shortestSecret || values.has(value)) return;
  values.add(value);
  const [oldest] = values.size > maxValues ? values : [];
  if (oldest !== undefined) values.delete(oldest);
  const forms = new Set([...values].flatMap(secretForms).filter((form) => form.length >= shortestSecret));
  needles = [...forms].sort((a, b) => b.length - a.length);
}

/** The text with every known secret taken out. */
export function redact(text: string): string {
  let clean = text;
  for (const needle of needles) if (clean.includes(needle)) clean = clean.replaceAll(needle, '[redacted]');
  return clean;
}

/** The forms in which a secret may turn up in a text: itself, its long lines, in JSON, in a URL, hex, inside any base64. */
export function secretForms(value: string): string[] {
  const lines = value.includes('\n') ? value.split(/\r?\n/).filter((line) => line.length >= 16) : [];
  return [value, ...lines].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
    new URLSearchParams({ '': text }).toString().slice(1),
    Buffer.from(text).toString('hex'),
    ...insideBase64(Buffer.from(text)),
  ]);
}

/** The characters that stand for these bytes in base64 and base64url, wherever in an encoded text they begin. */
function insideBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The first and the last character may also hold bits of what stands beside it.
    const inner = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

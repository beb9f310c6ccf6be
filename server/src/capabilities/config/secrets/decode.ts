import { fold } from '../policy/canonical/text.ts';
import { withoutReferences } from './references.ts';

const mostForms = 24;
const deepest = 3;
/** What every encoding shows a sign of, so that most texts are done with at once. */
const maybeEncoded = /[\\%&${]|[^\x20-\x7e]|[A-Za-z0-9+/_=\s:-]{16,}/;

/**
 * A text in every form in which it could be read: itself, and unescaped, decoded, without what does not show. First of all with all of that
 * undone at once, so that nothing hides behind many other forms.
 */
export function formsOf(text: string): string[] {
  if (!maybeEncoded.test(text)) return [text];
  const forms = new Set([text]);
  let newest = [text];
  for (let depth = 0; depth < deepest && newest.length > 0; depth += 1) {
    const next: string[] = [];
    for (const form of newest) {
      const whole = decoders.reduce((made, decoded) => decoded(made), form);
      for (const made of [whole, ...decoders.map((decoded) => decoded(form))]) {
        if (forms.size >= mostForms) return [...forms];
        if (forms.has(made)) continue;
        forms.add(made);
        next.push(made);
      }
    }
    newest = next;
  }
  return [...forms];
}

/** Each undoes one way to write a text, wherever in it, and leaves all else as it is. */
const decoders: readonly ((text: string) => string)[] = [
  unescaped,
  percentDecoded,
  entitiesDecoded,
  plain,
  withoutReferences,
  hexDecoded,
  base64Decoded,
];

function unescaped(text: string): string {
  return text
    .replace(/\\u\{?([0-9a-f]{4,6})\}?/gi, (whole, hex: string) => character(hex, 16, whole))
    .replace(/\\x([0-9a-f]{2})/gi, (whole, hex: string) => character(hex, 16, whole))
    .replace(/\\[nrt]/g, '\n')
    .replaceAll('\\"', '"');
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

function entitiesDecoded(text: string): string {
  return text.replace(/&#(x?)([0-9a-f]{1,6});/gi, (whole, x: string, digits: string) =>
    character(digits, x === '' ? 10 : 16, whole),
  );
}

function character(digits: string, radix: number, otherwise: string): string {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

/** NFKC without what does not show, with its case kept: tokens depend on it. */
function plain(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return [...text.normalize('NFKC')].filter((one) => one === '\n' || fold(one) !== '').join('');
}

function hexDecoded(text: string): string {
  return text.replace(
    /(?:[0-9a-f]{2}[\s:]?){16,}/gi,
    (run) => written(Buffer.from(run.replace(/[\s:]/g, ''), 'hex')) ?? run,
  );
}

function base64Decoded(text: string): string {
  // Broken over lines, or by blanks.
  const blanks = /\s/.test(text) && /^[A-Za-z0-9+/_=\s-]{16,}$/.test(text);
  const unbroken = blanks ? text.replace(/\s+/g, '') : text;
  const decoded = unbroken.replace(/[A-Za-z0-9+/_-]{16,}={0,2}/g, (run) => {
    // What stands before it may belong to the same alphabet.
    const found = [0, 1, 2, 3].flatMap((from) => written(Buffer.from(run.slice(from), 'base64')) ?? []);
    return found.length > 0 ? found.join(' ') : run;
  });
  return decoded === unbroken ? text : decoded;
}

/** What somebody could have written of these bytes; UTF-16 of ASCII is ASCII with zeros. */
function written(bytes: Buffer): string | undefined {
  return bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .match(/[\t\n\r\x20-\x7e]{12,}/g)
    ?.join(' ');
}

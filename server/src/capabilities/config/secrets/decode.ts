import { fold } from '../policy/canonical/text.ts';
import { withoutReferences } from './references.ts';

const mostForms = 24;
const deepest = 3;

/** A text in every form in which it could be read: itself, unescaped, decoded, without what does not show. */
export function formsOf(text: string): string[] {
  const forms = new Set([text]);
  let newest = [text];
  for (let depth = 0; depth < deepest && newest.length > 0; depth += 1) {
    const next: string[] = [];
    for (const form of newest)
      for (const made of decodings(form)) {
        if (forms.size >= mostForms) return [...forms];
        if (forms.has(made)) continue;
        forms.add(made);
        next.push(made);
      }
    newest = next;
  }
  return [...forms];
}

function* decodings(text: string): Generator<string> {
  if (/\\[ux]/.test(text) || /\\[nrt]/.test(text)) yield unescaped(text);
  if (/%[0-9a-f]{2}/i.test(text)) yield percentDecoded(text);
  if (/&#x?[0-9a-f]+;/i.test(text)) yield entitiesDecoded(text);
  if (/[^\x20-\x7e]/.test(text)) yield plain(text);
  if (/[$%{]/.test(text)) yield withoutReferences(text);
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    const bytes = Buffer.from(run, 'base64');
    if (isText(bytes)) yield bytes.toString('utf8');
  }
  for (const [run] of text.matchAll(/(?:[0-9a-f]{2}){16,}/gi)) {
    const bytes = Buffer.from(run, 'hex');
    if (isText(bytes)) yield bytes.toString('utf8');
  }
}

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
  return [...text.normalize('NFKC')].filter((one) => one === '\n' || fold(one) !== '').join('');
}

/** Whether bytes are a text that somebody would write. */
function isText(bytes: Buffer): boolean {
  if (bytes.length < 12) return false;
  return bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
}

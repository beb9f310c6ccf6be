import { secretForms, shortestSecret } from '../../../core/redact.ts';

/** Takes secrets out of a stream of bytes. */
export interface Redactor {
  /** What can be said by now: the beginning of what may become a secret is held back. */
  push(chunk: Buffer): Buffer;
  /** The rest, at the end of the stream. */
  flush(): Buffer;
}

export type RedactorFactory = () => Redactor;

const mask = '[redacted]';

/**
 * Makes redactors for these values: plain, in JSON, in URLs, hex and base64, wherever they stand and however the stream is cut into
 * chunks; the result is the same for every cut. Values too short to be told from words stay.
 */
export function createRedactors(values: readonly string[]): RedactorFactory {
  const forms = new Set(
    values
      .filter((value) => value.length >= shortestSecret)
      .flatMap((value) => [...secretForms(value), ...wrappedBase64(value)]),
  );
  const needles = [...forms]
    .filter((form) => form.length >= shortestSecret)
    .map((form) => Buffer.from(form, 'utf8').toString('latin1'))
    .sort((a, b) => b.length - a.length);
  if (needles.length === 0) return passThrough;
  const longest = needles[0]?.length ?? 0;
  const pattern = new RegExp(needles.map((needle) => needle.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return () => createRedactor(needles, longest, pattern);
}

/** As `base64` prints it: in lines of 76 characters. The last may be too short to be told from words. */
function wrappedBase64(value: string): string[] {
  const encoded = Buffer.from(value).toString('base64');
  return encoded.length > 76 ? (encoded.match(/.{16,76}/g) ?? []) : [];
}

const passThrough: RedactorFactory = () => ({ push: (chunk) => chunk, flush: () => Buffer.alloc(0) });

function createRedactor(needles: readonly string[], longest: number, pattern: RegExp): Redactor {
  // One character a byte, so that no cut falls into one.
  let rest = '';

  /** The first place from which on all that is there may be the beginning of a needle. */
  const undecided = (text: string, from: number): number => {
    for (let at = Math.max(from, text.length - longest + 1); at < text.length; at += 1) {
      const length = text.length - at;
      const tail = text.slice(at);
      if (needles.some((needle) => needle.length > length && needle.startsWith(tail))) return at;
    }
    return text.length;
  };

  /** The first match that lies before what is undecided is certain: nothing longer can begin there. */
  const take = (text: string, final: boolean): string => {
    let out = '';
    let at = 0;
    for (;;) {
      const hold = final ? text.length : undecided(text, at);
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (!found || found.index >= hold) {
        rest = text.slice(hold);
        return out + text.slice(at, hold);
      }
      out += text.slice(at, found.index) + mask;
      at = found.index + found[0].length;
    }
  };

  return {
    push: (chunk) => Buffer.from(take(rest + chunk.toString('latin1'), false), 'latin1'),
    flush: () => Buffer.from(take(rest, true), 'latin1'),
  };
}

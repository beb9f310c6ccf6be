import { untrusted } from '../../../core/errors.ts';
import { redact } from '../../../core/redact.ts';

const hidden = '[redacted]';

/** Forms that secrets have wherever they stand. Each is found in one pass, for logs are long and not ours. */
const forms: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-(?!----)[^-]*)*/g, hidden],
  [/\beyJ[\w-]{10,4000}\.[\w-]{2,8000}\.[\w-]{0,2000}/g, hidden],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|dapi|dop_v1_)[\w-]{16,400}/g, hidden],
  // A word that follows, as in `basic configuration`, is none: credentials have digits or both cases.
  [
    /\b([Bb]earer|BEARER|[Bb]asic|BASIC)(\s{1,5})(?=[\w.~+/-]{0,400}(?:\d|[a-z][A-Z]|=))[\w.~+/-]{8,4000}={0,2}/g,
    `$1$2${hidden}`,
  ],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@]{0,200}):[^\s/?#@]{1,500}@/gi, `$1:${hidden}@`],
];

/** `password=…` and the like; quotes stay, so that JSON stays JSON. */
const assigned =
  /((?:password|passwd|pwd|passphrase|secret|token|(?:api|access|account|private)[_-]?key|credentials?|signature|sig)["']?\s{0,3}[=:]\s{0,3})("(?:[^"\\\n]|\\.){1,2000}"|'[^'\n]{1,2000}'|["']?[^\s"'&;,)}\]]{3,2000})/gi;

/** A text of others without the secrets that we know and those that can be told by their form. */
export function withoutSecrets(text: string): string {
  const clean = forms.reduce((left, [form, instead]) => left.replace(form, instead), redact(text));
  return clean.replace(assigned, (_, name: string, value: string) => {
    const quote = /^["']/.exec(value)?.[0] ?? '';
    // A piece of a log may end before the value does.
    return `${name}${quote}${hidden}${value.length > 1 && value.endsWith(quote) ? quote : ''}`;
  });
}

/** A free text of others, to be shown as such; at most `max` characters. Undefined where there is none. */
export function said(text: string | null, source = 'orchestra', max = 1000) {
  return text === null || text === '' ? undefined : { ...untrusted(source, withoutSecrets(text), max) };
}

/** A name that others gave, on one line and bounded, so that it can stand among our fields. */
export function named(text: string | null, max = 200): string | undefined {
  if (text === null || text === '') return undefined;
  const line = withoutSecrets(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length > max ? `${line.slice(0, max)}…`.toWellFormed() : line;
}

const secretWords =
  /^(pass(word|wd|phrase|code)?|pwd|secrets?|tokens?|credentials?|auth|authorization|bearer|cookies?|signature|sas|dsn)$/;
const keyOfWhat =
  /(api|access|private|secret|signing|encryption|account|shared|service|master|ssh|client|host)_?keys?$/;

/** Whether a parameter of this name holds a secret; `unique_key` and `author` do not. */
export function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const joined = words.join('_');
  return words.some((word) => secretWords.test(word)) || keyOfWhat.test(joined) || /connection_?string/.test(joined);
}

const maxDepth = 8;
const maxMembers = 100;
const maxString = 2048;

/** Parameters as they may be shown: without secrets, and bounded in depth, width and length of texts. */
export function shownParameters(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    const text = withoutSecrets(value);
    return text.length > maxString ? `${text.slice(0, maxString)}…`.toWellFormed() : text.toWellFormed();
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return '…';
  if (Array.isArray(value)) return value.slice(0, maxMembers).map((item) => shownParameters(item, depth + 1));
  const members = Object.entries(value).slice(0, maxMembers);
  return Object.fromEntries(
    members.map(([name, member]) => [
      named(name) ?? '',
      namesSecret(name) && member !== null && typeof member !== 'boolean' ? hidden : shownParameters(member, depth + 1),
    ]),
  );
}

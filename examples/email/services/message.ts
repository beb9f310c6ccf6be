import { createHash } from 'node:crypto';
import type { Email } from './serve.ts';

type Headers = ReadonlyMap<string, string>;

/** Strangers write mails: no field of one may be larger, in characters. */
const longest = { header: 2000, body: 20_000 };

/** Reads one message as it came over the wire (RFC 5322, MIME): its plain text, or the words of its HTML. */
export function readMessage(raw: Buffer): Email {
  const { headers, body } = split(raw.toString('latin1'));
  const stamp = new Date(headers.get('date') ?? Number.NaN);
  return {
    id: idOf(headers, raw),
    from: words(headers.get('from')),
    subject: words(headers.get('subject')),
    date: (Number.isNaN(stamp.getTime()) ? new Date(0) : stamp).toISOString(),
    body: textOf(headers, body)?.trim().slice(0, longest.body) ?? '',
  };
}

/** Its Message-ID for people, with a digest of all of it: a stranger who takes another's Message-ID takes no other's place. */
function idOf(headers: Headers, raw: Buffer): string {
  const [local = ''] = (headers.get('message-id') ?? '').replace(/[<>]/g, '').trim().split('@');
  const name = local
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40);
  return `${name || 'mail'}-${createHash('sha256').update(raw).digest('hex').slice(0, 12)}`;
}

function split(text: string): { headers: Headers; body: string } {
  // A part may have no headers: then it begins with the empty line.
  const end = /(?:^|\r?\n)\r?\n/.exec(text);
  const head = end ? text.slice(0, end.index) : text;
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name))
      headers.set(
        name,
        line
          .slice(colon + 1)
          .trim()
          .slice(0, longest.header),
      );
  }
  return { headers, body: end ? text.slice(end.index + end[0].length) : '' };
}

/** The text of a part, or of the best among its parts; undefined where there is none. */
function textOf(headers: Headers, body: string, depth = 0): string | undefined {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = parameter(type, 'boundary');
  if (/^multipart\//i.test(type) && boundary !== undefined && depth < 8) {
    const parts = body
      .split(new RegExp(`^--${boundary.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?:--)?[ \\t]*\\r?$`, 'm'))
      .slice(1);
    const read = parts.map((part) => split(part.replace(/^\r?\n/, '')));
    const plain = (part: { headers: Headers }) => !/^text\/html/i.test(part.headers.get('content-type') ?? '');
    const best = [...read.filter(plain), ...read.filter((part) => !plain(part))];
    return best.map((part) => textOf(part.headers, part.body, depth + 1)).find((text) => text !== undefined);
  }
  if (!/^text\//i.test(type) || /^attachment/i.test(headers.get('content-disposition') ?? '')) return undefined;
  const bytes = decode(body, headers.get('content-transfer-encoding') ?? '');
  const text = inCharset(bytes, parameter(type, 'charset'));
  return /^text\/html/i.test(type) ? withoutTags(text) : text;
}

function withoutTags(html: string): string {
  const parts = html.split(/<\/(?:style|script)>/i).map((part) => part.replace(/<(?:style|script)\b[\s\S]*/i, ''));
  return parts.join(' ').replace(/<[^<>]*>/g, ' ');
}

function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header);
  return found?.[1] ?? found?.[2];
}

function decode(text: string, encoding: string): Buffer {
  if (/base64/i.test(encoding)) return Buffer.from(text, 'base64');
  return Buffer.from(/quoted-printable/i.test(encoding) ? unquote(text.replace(/=[ \t]*\r?\n/g, '')) : text, 'latin1');
}

function unquote(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function inCharset(bytes: Buffer, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** A header whose words may be encoded (RFC 2047). */
function words(header = ''): string {
  return inCharset(Buffer.from(header, 'latin1'))
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?([^?]+)\?([BQ])\?([^?]*)\?=/gi, (_, charset, kind, text) => {
      const bytes = /b/i.test(kind)
        ? Buffer.from(text, 'base64')
        : Buffer.from(unquote(text.replaceAll('_', ' ')), 'latin1');
      return inCharset(bytes, charset);
    });
}

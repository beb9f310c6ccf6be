import { hidesCharacters } from './text.ts';

/** An address in one spelling, and what keeps it from being judged. */
export interface CanonicalUrl {
  readonly href: string;
  /** Lower case, punycode, without port and trailing dot. */
  readonly host: string;
  /** It names a user or a password. */
  readonly userinfo: boolean;
  /** An input stands where the host is. */
  readonly unresolved: boolean;
  readonly secure: boolean;
}

/**
 * One spelling of a URL by the WHATWG standard: scheme and host in lower case, IDN as punycode, no default port, no trailing dot, no
 * fragment, no dot segments, unreserved characters unescaped. Undefined for what is no URL of http, https or a web socket.
 */
export function canonicalUrl(text: string): CanonicalUrl | undefined {
  if (hidesCharacters(text) || /\s/.test(text)) return undefined;
  const authority = /^[a-z][a-z0-9+.-]*:[/\\]*([^/\\?#]*)/i.exec(text);
  if (text.startsWith('$') || authority?.[1]?.includes('$'))
    return { href: text, host: '', userinfo: false, unresolved: true, secure: false };
  const url = URL.parse(text);
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) return undefined;
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  const port = url.port === '' ? '' : `:${url.port}`;
  const rest = unescapeUnreserved(`${url.pathname}${url.search}`);
  return {
    href: `${url.protocol}//${host}${port}${rest}`,
    host,
    userinfo: url.username !== '' || url.password !== '' || (authority?.[1] ?? '').includes('@'),
    unresolved: false,
    secure: /^(https|wss):$/.test(url.protocol) || isLoopback(host),
  };
}

/** A pattern of URLs in the same spelling, as far as a pattern has one. */
export function canonicalUrlPattern(pattern: string): { readonly authority: string; readonly rest: string } {
  const [, scheme = '', host = '', rest = ''] = /^([a-z*?]+:\/\/)?([^/?#]*)(.*)$/is.exec(pattern) ?? [];
  const port = { 'https://': /:443$/, 'http://': /:80$/ }[scheme.toLowerCase()];
  const bare = (port ? host.replace(port, '') : host).toLowerCase().replace(/\.(?=:|$)/, '');
  return { authority: scheme.toLowerCase() + bare, rest: rest === '' ? '/' : rest };
}

/** The two parts of a canonical URL, in which `*` is looked for apart: none crosses from the authority into the path. */
export function splitUrl(href: string): { readonly authority: string; readonly rest: string } {
  const [, authority = href, rest = ''] = /^([a-z]+:\/\/[^/?#]*)(.*)$/s.exec(href) ?? [];
  return { authority, rest };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function unescapeUnreserved(text: string): string {
  return text
    .replace(/%[0-9a-f]{2}/gi, (octet) => {
      const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : octet.toUpperCase();
    })
    .replace(/\$%7B(input:[A-Za-z0-9_-]+)%7D/g, (_, input: string) => `\${${input}}`);
}

import { AppError } from '../../../core/errors.ts';
import { conceal } from '../../../core/redact.ts';

/** Where the API is and what opens it. */
export interface Connection {
  /** Without a slash at its end and without `/public`, such as `https://app.getorchestra.io/api/engine`. */
  readonly baseUrl: string;
  readonly key: string;
}

export const defaultBaseUrl = 'https://app.getorchestra.io/api/engine/public/';

/**
 * Reads what the operator set; the key is taken out of all logs and foreign text from here on.
 * Throws `ORCHESTRA_NOT_CONFIGURED` where the key or the URL cannot be used, without repeating either.
 */
export function connectionOf(key: string | undefined, baseUrl: string = defaultBaseUrl): Connection {
  return { baseUrl: checkedUrl(baseUrl), key: checkedKey(key) };
}

function checkedKey(text = ''): string {
  const key = text.trim();
  if (key === '') throw unset('There is no API key for Orchestra.', 'set ORCHESTRA_API_KEY or ORCHESTRA_API_KEY_FILE.');
  if (key.startsWith('op://')) {
    throw unset(
      'ORCHESTRA_API_KEY is a reference to 1Password, which this server does not read.',
      'start it by `op run`, as scripts/launch-orchestra-mcp.sh does.',
    );
  }
  // What a header cannot hold would otherwise turn up in the error of the HTTP client.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw unset('ORCHESTRA_API_KEY has characters that no API key has.', 'set it again.');
  conceal(key);
  return key;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === 'http:' && isLoopback(url.hostname);
  if (!url || (url.protocol !== 'https:' && !plain) || url.username || url.password || url.search || url.hash) {
    throw unset('ORCHESTRA_API_BASE_URL is no address for an API key.', `use https, such as ${defaultBaseUrl}`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/public$/, '')}`;
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

function unset(message: string, what: string): AppError {
  return new AppError('ORCHESTRA_NOT_CONFIGURED', message, `Have the operator put it in order: ${what}`);
}

import type { Message } from './bridge-http.ts';

/** What `--debug` says of Orchestra's variables: whether a key is there, and where it goes; never a value. */
export function orchestraNotes(variables: Readonly<Record<string, string>>): string {
  const { ORCHESTRA_API_KEY: key, ORCHESTRA_API_KEY_FILE: file, ORCHESTRA_API_BASE_URL: url } = variables;
  const unread = key?.trim().startsWith('op://') ? ', but it is a reference to 1Password' : '';
  return [
    `ORCHESTRA_API_KEY is set: ${key ? 'yes' : 'no'}${unread}`,
    `ORCHESTRA_API_KEY_FILE is set: ${file ? 'yes' : 'no'}`,
    `ORCHESTRA_API_BASE_URL: ${url ? addressOnly(url) : 'not set, the one of the server is taken'}`,
    '',
  ].join('\n');
}

/** A URL may hold a password before its host, and a token behind its path. */
function addressOnly(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? `${url.origin}${url.pathname}` : 'is no address';
}

/** Of a tool that failed, the code of the error, and the HTTP status that Orchestra answered where there was one. */
export function failureIn({ result }: Message): string {
  if (result?.isError !== true || !Array.isArray(result.content)) return '';
  try {
    const { error } = JSON.parse(result.content[0].text);
    const code = /^[A-Z_]{1,60}$/.test(error.code) ? ` ${error.code}` : '';
    return Number.isInteger(error.details?.status) ? `${code}, status ${error.details.status}` : code;
  } catch {
    return '';
  }
}

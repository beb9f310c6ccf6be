import type { EgressFetch } from '../../../core/egress.ts';
import { unusable } from '../errors.ts';

const maxRedirects = 3;

/**
 * A GET that follows redirects, as downloads lead to presigned storage. The key goes to the first origin alone, and nothing
 * goes from https to http.
 */
export async function followed(
  fetch: EgressFetch['fetch'],
  first: URL,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly signal: AbortSignal },
): Promise<Response> {
  let target = first;
  let headers = init.headers;
  for (let redirects = 0; ; redirects += 1) {
    const response = await fetch(target, { ...init, headers });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const endpoint = `GET ${first.pathname}`;
    if (redirects === maxRedirects) throw unusable(`it redirects more than ${maxRedirects} times`, endpoint);
    const next = URL.canParse(location, target.href) ? new URL(location, target) : undefined;
    if (!next || (target.protocol === 'https:' && next.protocol !== 'https:')) {
      throw unusable('it redirects to what is no https address', endpoint);
    }
    if (next.origin !== target.origin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
    target = next;
  }
}

import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client';
import type { Link } from './link.ts';

const pingMs = 5000;

/** Whether a server still answers. An answer that refuses the question is one as well, and so is half of a large one. */
export async function isAnswering({ client, heardAt }: Link): Promise<boolean> {
  const began = performance.now();
  const options = { timeout: pingMs };
  try {
    // The newest revision has no ping.
    if (client.getProtocolEra() === 'modern') await client.request({ method: 'server/discover' }, options);
    else await client.ping(options);
    return true;
  } catch (error) {
    return error instanceof ProtocolError || error instanceof SdkHttpError || heardAt() > began;
  }
}

/** Whether a server refused a call because it no longer knows the session, before any tool ran (404; some say 400). */
export function lostSession(error: unknown, link: Link): boolean {
  if (!link.hasSession() || !(error instanceof SdkHttpError)) return false;
  return error.status === 404 || (error.status === 400 && /session/i.test(error.message));
}

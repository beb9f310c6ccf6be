import { createHash } from 'node:crypto';
import { canonicalJson } from '@tutti/client/verify';

export { canonicalJson };

/** Lower-case hex SHA-256 of a text or of the canonical JSON of anything else. */
export function sha256(value: unknown): string {
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return createHash('sha256').update(text).digest('hex');
}

import { TuttiError } from '../error.ts';

const refusal = (code: string, message: string, suggestion: string, details: unknown) =>
  new TuttiError({ code, message, suggestion, retryable: false, details });

/** A document that programs could read in different ways. */
export function notStrict(pointer: string, why: string): TuttiError {
  return refusal(
    'NOT_STRICT_JSON',
    `${pointer === '' ? 'The document' : `The value at ${pointer.slice(0, 200)}`} ${why}.`,
    'Send JSON that every parser reads alike (RFC 7493): each name once, whole characters, integers within 2^53.',
    { pointer: pointer.slice(0, 200), problem: why },
  );
}

/** A key that nothing may be verified with. */
export function badKey(why: string): TuttiError {
  return refusal(
    'KEY_REFUSED',
    `This key is refused: ${why}.`,
    'Take the public keys from list_signing_keys, over a way that you trust.',
    { problem: why },
  );
}

/** Something signed that must not be used. */
export function notAuthentic(reason: string, why: string): TuttiError {
  return refusal(
    'NOT_AUTHENTIC',
    `This must not be used: ${why}.`,
    'Keep what you have, fetch again with get_config, and tell the operator if it stays.',
    { reason },
  );
}

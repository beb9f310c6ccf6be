import * as client from '@tutti/client/verify';
import { ours } from './refusals.ts';

export type { PublicKey, TrustedKey } from '@tutti/client/verify';

/** A public key that may be trusted, or KEY_REFUSED: of the kind that its algorithm wants, in canonical form, not weak. */
export const trustKey = ours(client.trustKey);

import * as client from '@tutti/client/verify';
import { ours } from './refusals.ts';

export type { JsonValue } from '@tutti/client/verify';

/** JSON that every parser reads alike (I-JSON, RFC 7493), or NOT_STRICT_JSON. */
export const parseStrict = ours(client.parseStrict);

/** The same gate for a value that was parsed elsewhere. Answers a copy that shares nothing with it. */
export const strictValue = ours(client.strictValue);

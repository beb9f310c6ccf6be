import * as client from '@tutti/client/verify';
import { ours } from './refusals.ts';

export type { Expected } from '@tutti/client/verify';

/** What a reader does before it uses a configuration; throws NOT_AUTHENTIC with the reason. */
export const verifyRelease = ours(client.verifyRelease);

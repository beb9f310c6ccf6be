import { unusable } from '../errors.ts';
import { readUpTo } from './read-body.ts';

/** Largest answer that is not a file: a hundred runs, each with its definition. */
const maxBytes = 16 * 1024 * 1024;

/** The JSON of an answer. */
export async function readJson(response: Response, endpoint: string): Promise<unknown> {
  const { bytes, more } = await readUpTo(response, maxBytes);
  if (more) throw unusable(`it is larger than ${maxBytes} bytes`, endpoint);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw unusable('it is no JSON', endpoint);
  }
}

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * The JSON values that an engine sends, one a line. Throws when the connection breaks or is destroyed, which readline would take
 * for silence.
 */
export async function* readJsonLines<T>(stream: Readable): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as T;
}

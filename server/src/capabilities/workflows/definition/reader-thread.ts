import { parentPort } from 'node:worker_threads';
import { parseDefinition } from './parse.ts';
import type { FromReader, ToReader } from './reader.ts';

/** Reads definitions apart from the thread that answers everybody. */
parentPort?.on('message', ({ id, text }: ToReader) => {
  parentPort?.postMessage({ id, parsed: parseDefinition(text) } satisfies FromReader);
});

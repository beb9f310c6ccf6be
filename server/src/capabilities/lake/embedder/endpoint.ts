import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Egress, EgressResponse } from '../../../core/egress.ts';
import { AppError, errorRow, untrusted } from '../../../core/errors.ts';
import { conceal, shortestSecret } from '../../../core/redact.ts';
import { readReference } from '../../../core/secrets.ts';
import type { Settings } from '../../../core/settings.ts';

export type EmbedderSettings = Settings['lake.embedders'][number];

const tries = 5;
const firstWaitMs = 500;
const longestWaitMs = 60_000;
const answerSchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.number().int(), embedding: z.array(z.number()) })),
});

/**
 * Has an endpoint embed some texts, in their order: `POST <url>/embeddings` of the OpenAI API. What may pass (429, 5xx, no
 * answer) is tried again, after as long as `Retry-After` says. Fails with EMBEDDER_REFUSED on any other answer than one
 * vector of `dimensions` for each text, with UPSTREAM_FAILED when the endpoint stays away.
 */
export async function requestVectors(
  egress: Egress,
  embedder: EmbedderSettings,
  texts: readonly string[],
  signal: AbortSignal,
  maxTries = tries,
): Promise<Float32Array[]> {
  const headers = { 'content-type': 'application/json', ...(await authorization(embedder)) };
  const url = `${embedder.url.replace(/\/+$/, '')}/embeddings`;
  const body = JSON.stringify({ model: embedder.model, input: texts, encoding_format: 'float' });
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(egress, url, { method: 'POST', headers, body, signal });
    if ('status' in outcome && outcome.status === 200) return vectorsOf(embedder, outcome, texts.length);
    const passing = 'status' in outcome ? outcome.status === 429 || outcome.status >= 500 : true;
    if (!passing) throw refused(embedder, outcome as EgressResponse);
    if (attempt === maxTries) throw away(embedder, outcome);
    const asked = 'status' in outcome ? retryAfterMs(outcome.headers.get('retry-after')) : undefined;
    const wait = asked ?? firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random());
    await sleep(Math.min(wait, longestWaitMs), undefined, { signal });
  }
}

/** An answer, or a failure on the way to it that may pass. */
async function send(egress: Egress, ...[url, request]: Parameters<Egress>): Promise<EgressResponse | AppError> {
  try {
    return await egress(url, request);
  } catch (error) {
    if (request?.signal?.aborted) throw request.signal.reason;
    if (error instanceof AppError && errorRow(error.code).retryable) return error;
    throw error;
  }
}

async function authorization({ name, api_key }: EmbedderSettings): Promise<Record<string, string>> {
  if (api_key === undefined) return {};
  const key = await readReference(api_key);
  if (key === undefined || key.length < shortestSecret) {
    throw new AppError(
      'SECRET_UNUSABLE',
      `The key of the embedder ${name} cannot be read where the operator said it is.`,
      'Ask the operator to put lake.embedders in order.',
    );
  }
  conceal(key);
  return { authorization: `Bearer ${key}` };
}

function vectorsOf(embedder: EmbedderSettings, { body }: EgressResponse, count: number): Float32Array[] {
  const vectors = new Array<Float32Array>(count);
  const parsed = answerSchema.safeParse(json(body));
  for (const { index, embedding } of parsed.data?.data ?? []) {
    if (embedding.length !== embedder.dimensions) throw otherDimensions(embedder, embedding.length);
    if (index >= 0 && index < count) vectors[index] = Float32Array.from(embedding);
  }
  for (let at = 0; at < count; at++) if (vectors[at] === undefined) throw noVector(embedder);
  return vectors;
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The milliseconds that a Retry-After header asks for (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function refused({ name }: EmbedderSettings, { status, body }: EgressResponse): AppError {
  return new AppError(
    'EMBEDDER_REFUSED',
    `The embedder ${name} refused the request with status ${status}.`,
    'Ask the operator to compare lake.embedders (model, api_key, batch_size, max_chars) with what the endpoint said in details.',
    { status, answer: untrusted(name, body.toString('utf8'), 500) },
  );
}

function away({ name }: EmbedderSettings, outcome: EgressResponse | AppError): AppError {
  return new AppError(
    'UPSTREAM_FAILED',
    `The embedder ${name} does not answer.`,
    'Start the ingest again later: it goes on where it stopped, and no text is embedded twice.',
    'status' in outcome
      ? { status: outcome.status, answer: untrusted(name, outcome.body.toString('utf8'), 500) }
      : { code: outcome.code },
  );
}

function otherDimensions({ name, dimensions }: EmbedderSettings, found: number): AppError {
  return new AppError(
    'EMBEDDER_REFUSED',
    `The embedder ${name} answered vectors of ${found} dimensions where ${dimensions} are declared.`,
    'Ask the operator to put dimensions of this model into lake.embedders.',
    { dimensions, found },
  );
}

function noVector({ name }: EmbedderSettings): AppError {
  return new AppError(
    'EMBEDDER_REFUSED',
    `The embedder ${name} did not answer with one vector for each text.`,
    'Ask the operator whether the url in lake.embedders is one of an OpenAI-compatible API, such as https://host/v1.',
  );
}

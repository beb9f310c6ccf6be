import { hash } from 'node:crypto';
import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Egress } from '../../../core/egress.ts';
import { AppError } from '../../../core/errors.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import type { Settings } from '../../../core/settings.ts';
import { type EmbedderSettings, requestVectors } from './endpoint.ts';
import { findVectors, putVectors } from './store.ts';

/** Requests that run at once for one caller. */
const width = 2;
const lookedUp = 500;
const timeoutMs = 120_000;
const maxAnswerBytes = 256 * 2 ** 20;
/** Somebody waits for the vector of a query: one more try, no more. */
const queryTries = 2;

/** Turns texts into vectors. Those of one `space` may be compared with each other. */
export interface Embedder {
  readonly name: string;
  readonly dimensions: number;
  /** Names all that decides what a vector of a text is: the endpoint and the model. */
  readonly space: string;
  /** One vector a text, null for one without a word. What is known is not asked for again, and each answer is kept at once. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<(Float32Array | null)[]>;
  /** The vector of a query, which is not kept. */
  embedQuery(text: string, signal: AbortSignal): Promise<Float32Array>;
}

export interface Embedders {
  readonly names: readonly string[];
  /** Throws VALIDATION_FAILED when the operator declared no such one. */
  get(name: string): Embedder;
  /** Whether an embedder answers now; what was found out holds for some seconds. */
  answers(): Promise<boolean>;
}

/** The embedders that the operator declared; callers only name them. */
export function createEmbedders(db: Db, settings: Settings): Embedders {
  const declared = settings['lake.embedders'];
  let loaded: Promise<Egress> | undefined;
  const egress: Egress = async (url, request) => {
    loaded ??= loadEgress(settings);
    return (await loaded)(url, request);
  };
  const all = new Map(declared.map((one) => [one.name, createEmbedder(one, db, egress)]));
  let asked: { readonly until: number; readonly answer: Promise<boolean> } | undefined;

  return {
    names: [...all.keys()],
    get(name) {
      const found = all.get(name);
      if (found) return found;
      throw new AppError(
        'VALIDATION_FAILED',
        'The operator declared no such embedder.',
        all.size > 0
          ? `Use one of: ${[...all.keys()].join(', ')}.`
          : 'Leave embedder out, or ask the operator to declare one in lake.embedders.',
      );
    },
    answers() {
      if (!asked || asked.until < Date.now())
        asked = { until: Date.now() + 15_000, answer: anyAnswers(declared, egress) };
      return asked.answer;
    },
  };
}

function createEmbedder(settings: EmbedderSettings, db: Db, egress: Egress): Embedder {
  const { name, url, model, dimensions, max_chars, batch_size } = settings;
  const space = sha256([url, model, dimensions]).slice(0, 32);
  const known = async (hashes: readonly Buffer[]) => {
    const found = new Map<string, Float32Array>();
    for (let at = 0; at < hashes.length; at += lookedUp)
      for (const entry of await findVectors(db, space, hashes.slice(at, at + lookedUp))) found.set(...entry);
    return found;
  };
  return {
    name,
    dimensions,
    space,
    async embed(texts, signal) {
      const cut = texts.map((text) => cutText(text, max_chars));
      const wanted = new Map(cut.filter((text) => text !== '').map((text) => [hash('sha256', text), text]));
      const vectors = await known([...wanted.keys()].map((hex) => Buffer.from(hex, 'hex')));
      const missing = [...wanted].filter(([hex]) => !vectors.has(hex));
      await inParallel(batchesOf(missing, batch_size), width, async (batch) => {
        const answer = await requestVectors(
          egress,
          settings,
          batch.map(([, text]) => text),
          signal,
        );
        const entries = batch.map(([hex], at) => ({
          hash: Buffer.from(hex, 'hex'),
          vector: answer[at] as Float32Array,
        }));
        await putVectors(db, space, entries);
        for (const [at, [hex]] of batch.entries()) vectors.set(hex, answer[at] as Float32Array);
      });
      return cut.map((text) => (text === '' ? null : (vectors.get(hash('sha256', text)) ?? null)));
    },
    async embedQuery(text, signal) {
      const [vector] = await requestVectors(egress, settings, [cutText(text, max_chars)], signal, queryTries);
      return vector as Float32Array;
    },
  };
}

/** A text as it is sent: what the model would not read is left out, never half of a character. */
function cutText(text: string, maxChars: number): string {
  return text.slice(0, maxChars).toWellFormed().trim();
}

function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}

async function anyAnswers(declared: readonly EmbedderSettings[], egress: Egress): Promise<boolean> {
  const signal = AbortSignal.timeout(3000);
  const answers = declared.map((one) =>
    requestVectors(egress, one, ['tutti'], signal, 1).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(answers)).includes(true);
}

async function loadEgress(settings: Settings): Promise<Egress> {
  const { createEgress } = await import('../../../core/egress.ts');
  // Texts and key that are meant for one address go to no other.
  return createEgress({ allow: settings['egress.allow'], timeoutMs, maxBytes: maxAnswerBytes, maxRedirects: 0 });
}

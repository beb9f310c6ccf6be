import type { Readable } from 'node:stream';
import { AppError, untrusted } from '../../../core/errors.ts';
import { noImage } from '../errors.ts';
import { type ImageReference, nameOf, showImage } from '../images/reference.ts';
import type { Engine } from './client.ts';
import { engineCall } from './failure.ts';
import { readJsonLines } from './json-lines.ts';

export interface ImageFacts {
  /** `sha256:…`, of the image's own configuration: the same on every engine. */
  readonly id: string;
  /** `name@sha256:…` for each registry that it came from; empty for one that was made here. */
  readonly digests: readonly string[];
  readonly tags: readonly string[];
  readonly size_bytes: number;
  readonly architecture: string;
  /** Where the image wants volumes of its own, which a job must not get: they have no limit. */
  readonly volumes: readonly string[];
}

export interface PullProgress {
  /** Of all layers that are known so far; the total grows as they become known. */
  readonly done_bytes: number;
  readonly total_bytes: number;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** Undefined where the engine has no such image. */
export async function inspectImage(engine: Engine, image: string): Promise<ImageFacts | undefined> {
  try {
    const found = await engineCall(
      engine,
      () => engine.docker.getImage(image).inspect(),
      (status) => (status === 404 ? noImage(image) : undefined),
    );
    return {
      id: found.Id,
      digests: found.RepoDigests ?? [],
      tags: found.RepoTags ?? [],
      size_bytes: found.Size,
      architecture: found.Architecture,
      volumes: Object.keys(found.Config?.Volumes ?? {}),
    };
  } catch (error) {
    if (error instanceof AppError && error.code === 'IMAGE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Pulls an image and answers what it is. Whether it may be pulled is not asked here. Throws IMAGE_NOT_FOUND, PULL_FAILED. */
export async function pullImage(
  engine: Engine,
  image: ImageReference,
  options: {
    readonly credentials?: RegistryCredentials;
    readonly onProgress?: (progress: PullProgress) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ImageFacts> {
  const name = showImage(image);
  const { signal } = options;
  // What is not in `_query` would all go into the URL, the password too.
  const query = { _query: { fromImage: nameOf(image), tag: image.digest ?? image.tag } };
  try {
    const stream = (await engineCall(
      engine,
      () =>
        engine.docker.createImage(options.credentials as object, {
          ...query,
          ...(signal ? { abortSignal: signal } : {}),
        }),
      (_status, message) => pullFailed(name, message),
    )) as Readable;
    await followPull(name, stream, options.onProgress);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  const facts = await inspectImage(engine, name);
  if (!facts) throw pullFailed(name, 'the engine has no such image after the pull');
  return facts;
}

interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** The engine answers 200 at once and tells of failures in a line of JSON, the last one. */
async function followPull(image: string, stream: Readable, onProgress?: (progress: PullProgress) => void) {
  const layers = new Map<string, { done: number; total: number }>();
  for await (const line of readJsonLines<PullLine>(stream)) {
    if (line.error !== undefined) throw pullFailed(image, line.error);
    const { current, total } = line.progressDetail ?? {};
    if (line.id === undefined || total === undefined || line.status !== 'Downloading') continue;
    layers.set(line.id, { done: current ?? 0, total });
    const sum = (of: 'done' | 'total') => [...layers.values()].reduce((all, layer) => all + layer[of], 0);
    onProgress?.({ done_bytes: sum('done'), total_bytes: sum('total') });
  }
}

/** A registry that has no such image says so in these words, whether it is none or one that the credentials do not open. */
function pullFailed(image: string, message: string): AppError {
  if (/manifest unknown|not found|does not exist or no pull access/i.test(message)) return noImage(image);
  return new AppError(
    'PULL_FAILED',
    `The image ${JSON.stringify(image)} could not be pulled.`,
    'The registry may be away or want credentials, which the operator configures in ops.registries; try again later.',
    { image, cause: untrusted('docker', message, 500) },
  );
}

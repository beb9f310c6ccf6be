import { type ImageReference, isHost, nameOf, placeOf } from './reference.ts';

/** An image's name by which an operator allows images to be pulled. */
export interface ImagePattern {
  readonly registry: string;
  readonly repository: RegExp;
  /** Undefined where any tag and any digest will do. */
  readonly tag: RegExp | undefined;
  readonly digest: string | undefined;
}

const form =
  /^(?:[a-z0-9][a-z0-9.-]*(?::[0-9]+)?\/)?[a-z0-9._*-]+(?:\/[a-z0-9._*-]+)*(?::[A-Za-z0-9_.*-]+|@sha256:[a-f0-9]{64})?$/;

/**
 * Reads `registry/repository[:tag|@digest]`, shortened like an image's name. `*` is any text without a slash, `**` as the last part
 * of the repository any depth; the registry is always in full. Throws for anything else.
 */
export function parsePattern(text: string): ImagePattern {
  if (text.length > 512 || !form.test(text)) throw notOne(text);
  const [named = '', digest] = text.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const place = placeOf(colon < 0 ? named : named.slice(0, colon));
  if (!place || !isHost(place.registry)) throw notOne(text);
  const parts = place.repository.split('/');
  if (parts.slice(0, -1).some((part) => part.includes('**')) || /^\*\*.|.\*\*/.test(parts.at(-1) ?? ''))
    throw notOne(text);
  return {
    registry: place.registry,
    repository: globOf(place.repository),
    tag: tag === undefined ? undefined : globOf(tag),
    digest,
  };
}

/** Whether one of the patterns stands for the image. A tag of a pattern is no word for what is named by its digest. */
export function isListed(image: ImageReference, patterns: readonly ImagePattern[]): boolean {
  return patterns.some(({ registry, repository, tag, digest }) => {
    if (registry !== image.registry || !repository.test(image.repository)) return false;
    if (digest !== undefined) return image.digest === digest;
    return tag === undefined || (image.tag !== undefined && tag.test(image.tag));
  });
}

/** Of the digests that the engine tells of an image, the one of the repository it was asked for by. */
export function digestFor(image: ImageReference, digests: readonly string[]): string | undefined {
  return digests.find((digest) => {
    const place = placeOf(digest.split('@')[0] ?? '');
    return place !== undefined && nameOf(place) === nameOf(image);
  });
}

function globOf(text: string): RegExp {
  const parts = text.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.+';
    return part === '*' ? '[^/]*' : part.replace(/[.]/g, '\\.');
  });
  return new RegExp(`^${parts.join('')}$`);
}

function notOne(text: string): Error {
  return new Error(
    `ops.pull_images: ${JSON.stringify(text.slice(0, 200))} is no pattern such as python:3.*, ghcr.io/acme/** or registry.example.com:5000/team/tool@sha256:…`,
  );
}

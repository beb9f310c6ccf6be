import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/canonical.ts';
import type { Change } from '../commits/store.ts';
import type { ManifestObject } from '../contract.ts';

/**
 * The id of a manifest: SHA-256 of the canonical JSON (RFC 8785) of its objects in the order of their keys. It names
 * content, not circumstance: the same objects give the same id, whenever they were uploaded.
 */
export async function manifestIdOf(objects: AsyncIterable<ManifestObject>): Promise<string> {
  const hash = createHash('sha256');
  let separator = '[';
  for await (const { key, size, sha256, content_type } of objects) {
    hash.update(separator + canonicalJson({ key, size, sha256, content_type }));
    separator = ',';
  }
  hash.update(separator === '[' ? '[]' : ']');
  return `sha256:${hash.digest('hex')}`;
}

/** What a commit makes: the objects of the version before with `changes` over them; all sorted by key. */
export async function* overlay(
  before: AsyncIterable<ManifestObject>,
  changes: AsyncIterable<Change>,
): AsyncGenerator<ManifestObject> {
  const news = changes[Symbol.asyncIterator]();
  let next = await news.next();
  const changed = function* (change: Change) {
    if (!('removed' in change)) yield change;
  };
  for await (const object of before) {
    while (!next.done && compareKeys(next.value.key, object.key) < 0) {
      yield* changed(next.value);
      next = await news.next();
    }
    if (next.done || next.value.key !== object.key) yield object;
  }
  for (; !next.done; next = await news.next()) yield* changed(next.value);
}

/** By the bytes of UTF-8, as the database sorts them; JavaScript's own order differs beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/canonical.ts';
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

/** What a commit makes: the objects of the version before, but for `removed`, with `changed` over them; all sorted by key. */
export async function* overlay(
  before: AsyncIterable<ManifestObject>,
  changed: readonly ManifestObject[],
  removed: ReadonlySet<string>,
): AsyncGenerator<ManifestObject> {
  let at = 0;
  for await (const object of before) {
    for (let next = changed[at]; next && compareKeys(next.key, object.key) < 0; next = changed[at]) {
      yield next;
      at += 1;
    }
    const replaced = changed[at]?.key === object.key;
    if (!replaced && !removed.has(object.key)) yield object;
  }
  yield* changed.slice(at);
}

/** By the bytes of UTF-8, as the database sorts them; JavaScript's own order differs beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

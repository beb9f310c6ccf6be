import type { S3Source } from '../../core/objects/s3-source.ts';
import { contentTypeOf } from './content-type.ts';
import { isObjectKey } from './contract.ts';
import { changed, type Place } from './in-place.ts';

/** The objects below a prefix of a bucket. */
export function bucketPlace(source: S3Source, { bucket, prefix }: { bucket: string; prefix: string }): Place {
  return {
    async *files() {
      for await (const { key: whole, size } of source.list(bucket, prefix)) {
        const key = whole.slice(prefix.length);
        // Folders have keys too, which end with a slash.
        if (isObjectKey(key)) yield { key, size, content_type: contentTypeOf(key) };
      }
    },
    async copy(key, objects) {
      const found = await source.get(bucket, prefix + key);
      if (!found) throw changed(key, 'It is no object of this place any more.');
      const { body, size, lastModified } = found;
      return { staged: await objects.stage('place', { body, size }), last_modified: lastModified.toISOString() };
    },
  };
}

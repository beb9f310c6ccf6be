import { sourceSettings } from '../../core/objects/open.ts';
import type { S3Source } from '../../core/objects/s3-source.ts';
import type { Settings } from '../../core/settings.ts';
import { bucketPlace } from './bucket-place.ts';
import { directoryPlace, type Place } from './in-place.ts';
import { locate } from './location.ts';

/** The place behind a dataset's uri, asked anew at each use; undefined for a managed dataset. */
export type PlaceOf = (uri: string) => Promise<Place | undefined>;

export function createPlaces(settings: Settings): PlaceOf {
  let source: Promise<S3Source> | undefined;
  return async (uri) => {
    const location = await locate(uri, settings['lake.roots']);
    if (location.kind === 'managed') return undefined;
    if (location.kind === 'in_place') return directoryPlace(location.directory);
    source ??= openSource(settings);
    return bucketPlace(await source, location);
  };
}

async function openSource(settings: Settings): Promise<S3Source> {
  const { createS3Source } = await import('../../core/objects/s3-source.ts');
  return createS3Source(await sourceSettings(settings));
}

import path from 'node:path';
import { s3Settings } from '../../core/objects/open.ts';
import type { S3Settings } from '../../core/objects/s3-client.ts';
import type { Settings } from '../../core/settings.ts';
import type { IndexRef } from './engine/protocol.ts';

/** Where the index tables of a dataset are. */
export type IndexPlace = (datasetId: string, table: string) => IndexRef;

/** Where the settings want the indexes. */
export async function openIndexes(settings: Settings): Promise<IndexPlace> {
  const s3 = settings['lake.indexes'] === 's3' ? await s3Settings(settings) : undefined;
  return s3 ? s3Indexes(s3) : localIndexes(path.join(settings.data_dir, 'indexes'));
}

function localIndexes(directory: string): IndexPlace {
  return (datasetId, table) => ({ dir: path.join(directory, datasetId), table });
}

/** Beside the objects, where every server and worker reaches them. The engine's own client takes the same keys. */
function s3Indexes({ bucket, endpoint, region, prefix, pathStyle, credentials }: S3Settings): IndexPlace {
  const storage = {
    aws_region: region,
    aws_virtual_hosted_style_request: String(!pathStyle),
    ...(endpoint !== undefined && { aws_endpoint: endpoint, allow_http: String(endpoint.startsWith('http:')) }),
    ...(credentials && {
      aws_access_key_id: credentials.accessKeyId,
      aws_secret_access_key: credentials.secretAccessKey,
    }),
  };
  return (datasetId, table) => ({ dir: `s3://${bucket}/${prefix}indexes/${datasetId}`, storage, table });
}

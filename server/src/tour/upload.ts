import { type ActContext, expectEqual } from './act.ts';

/** Uploads objects as an agent would: asks for a URL for each, and PUTs the bytes to it. */
export async function upload(
  { mcp, narrator }: ActContext,
  datasetId: string,
  objects: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const count = `${objects.size} ${objects.size === 1 ? 'object' : 'objects'}`;
  const targets = await narrator.step('create_presigned_upload', async () => {
    const made: { body: Buffer; url: string; headers: Record<string, string> }[] = [];
    for (const [key, body] of objects) {
      const input = { dataset_id: datasetId, object_key: key, size: body.length };
      const { url, headers = {} } = await mcp.call('create_presigned_upload', input);
      made.push({ body, url, headers });
    }
    return [made, objects.size === 1 ? `for ${[...objects.keys()]}` : `for ${count}`];
  });
  await narrator.step('PUT', async (progress) => {
    const since = performance.now();
    for (const [at, { body, url, headers }] of targets.entries()) {
      const { status } = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) });
      expectEqual('the status of the upload', status, 200);
      progress((at + 1) / targets.length);
    }
    const bytes = targets.reduce((sum, { body }) => sum + body.length, 0);
    return [undefined, `${(bytes / 1e6).toFixed(2)} MB in ${Math.round(performance.now() - since)} ms`];
  });
}

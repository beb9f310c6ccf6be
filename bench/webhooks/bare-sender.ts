import { createHmac, randomBytes } from 'node:crypto';
import { serveChild } from '../support/serve-child.ts';
import { data, type PostCommand, type SenderNeeds } from './side.ts';

/** The undici of Node as it is: signs by HMAC and posts, on connections that it keeps. */
await serveChild(async ({ url }: SenderNeeds) => {
  const key = randomBytes(24);
  return {
    info: null,
    commands: {
      async post({ count, lanes }: PostCommand): Promise<void> {
        const lane = async (from: number) => {
          for (let n = from; n < count; n += lanes) {
            const [id, timestamp] = [`msg_${n}`, String(Math.floor(Date.now() / 1000))];
            const body = JSON.stringify({ type: 'job.updated', timestamp: new Date().toISOString(), data });
            const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
            const headers = {
              'content-type': 'application/json',
              'webhook-id': id,
              'webhook-timestamp': timestamp,
              'webhook-signature': `v1,${signature}`,
            };
            const answer = await fetch(url, { method: 'POST', headers, body });
            await answer.arrayBuffer();
          }
        };
        await Promise.all(Array.from({ length: lanes }, (_, n) => lane(n)));
      },
    },
  };
});

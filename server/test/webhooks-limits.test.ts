import { expect, test } from 'vitest';
import { expectFailure } from './support/failure.ts';
import { raw } from './support/raw.ts';
import { startTestServer } from './support/server.ts';
import { webhooksOf } from './support/webhooks.ts';

test('an address that proves nothing too often is refused before anybody looks', async () => {
  const server = await startTestServer(['--limits-failed-auth-per-minute', '2']);
  const hooks = webhooksOf(server);
  await hooks.secret('word', 'an-incoming-secret');
  const { address } = await hooks.put({ name: 'in', direction: 'in', verify: 'bearer', secret: 'secret:word' });
  const send = (word: string) =>
    raw(address, { method: 'POST', headers: { authorization: `Bearer ${word}` }, body: ['{}'] });
  expect((await send('an-incoming-secret')).status).toBe(200);
  for (let n = 0; n < 4; n += 1) expectFailure(await send(`guess-${n}`), 401, 'WEBHOOK_REFUSED');
  const answer = await send('an-incoming-secret');
  expectFailure(answer, 429, 'RATE_LIMITED');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  await server.stop();
});

import { encodePath, oddHeaders } from './from-tools.ts';
import { hostileObject, hostileText, mangleJson } from './hostile.ts';
import type { Random } from './random.ts';
import { type FuzzRequest, type Header, json, type Kind } from './request.ts';

/** `POST /hooks/<id>`: messages of others, proven, nearly proven, or not at all. */
export function hookRequest(random: Random): FuzzRequest {
  const kind = random.pick<Kind>(['valid', 'near-valid', 'hostile']);
  const id =
    kind === 'hostile' && random.chance(0.3)
      ? encodePath(hostileText(random).slice(0, 500))
      : `{{hook:${random.pick([0, 0, 0, random.int(1, 99)])}}}`;
  const text = JSON.stringify(
    kind === 'valid' ? { action: 'opened', number: random.int(0, 9) } : hostileObject(random),
  );
  return {
    surface: 'hooks',
    kind,
    label: 'hook',
    caller: 'none',
    method: random.weighted([
      [97, 'POST'],
      [1, 'GET'],
      [1, 'PUT'],
    ] as const),
    path: `/hooks/${id}`,
    headers: [...proof(kind, random), json, ...more(kind, random), ...oddHeaders(random)],
    body: kind === 'hostile' ? mangleJson(text, random) : Buffer.from(text),
  };
}

/** The incoming webhook of the run takes a bearer secret; the other forms are those of other webhooks. */
function proof(kind: Kind, random: Random): Header[] {
  if (kind === 'valid' || random.chance(0.6)) return [['authorization', 'Bearer {{hook-secret:0}}']];
  return random.pick<Header[]>([
    [],
    [['authorization', 'Bearer {{hook-secret:0}}x']],
    [['authorization', 'Basic {{hook-secret:0}}']],
    [['authorization', 'Bearer {{admin:0}}']],
    [['x-hub-signature-256', `sha256=${'0'.repeat(random.pick([0, 63, 64, 65]))}`]],
    [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', random.pick(['0', '-1', 'NaN', '9'.repeat(30), '1e3'])],
      [
        'webhook-signature',
        random.pick(['', 'v1,', 'v1,AAAA', 'v1a,AAAA v1,=', ' '.repeat(100), 'v1,AAAA '.repeat(500)]),
      ],
    ],
  ]);
}

function more(kind: Kind, random: Random): Header[] {
  if (kind === 'valid') return [];
  const odd = hostileText(random)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 300);
  return random.pick<Header[]>([
    [],
    [['webhook-id', odd]],
    [['x-github-delivery', odd]],
    [['x-github-event', odd]],
    [['user-agent', odd]],
    [
      [
        'tutti-cause',
        random.pick([odd, '{"event_id":"evt_1","depth":4}', '{"event_id":"../x","depth":1e9}', '{"depth":-1}', '[[[[']),
      ],
    ],
  ]);
}

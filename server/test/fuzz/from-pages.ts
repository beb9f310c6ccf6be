import { inHeader } from './from-mcp.ts';
import { encodePath, oddHeaders } from './from-tools.ts';
import { hostileText } from './hostile.ts';
import type { Random } from './random.ts';
import {
  anyCaller,
  authorization,
  type Caller,
  type FuzzRequest,
  type Header,
  type Kind,
  type Surface,
} from './request.ts';

/** `GET /resources/<kind>/<id>`. */
export function resourceRequest(random: Random): FuzzRequest {
  const kind = anyKind(random);
  const live = `${random.pick(['job/{{job', 'dataset/{{dataset'])}:${random.int(0, 99)}}}`;
  const path = kind === 'valid' ? live : kind === 'near-valid' ? nearPath(live, random) : hostilePath(random);
  return get('resources', kind, 'resource', `/resources/${path}`, anyCaller(random), random);
}

/** What needs no token: health, descriptions, metadata; and the metrics, which do. */
export function pageRequest(random: Random): FuzzRequest {
  const kind = anyKind(random);
  const page = random.pick([
    '/healthz',
    '/readyz',
    '/metrics',
    '/docs',
    '/openapi.json',
    '/openapi/lake.json',
    '/openapi/system.json',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-protected-resource/mcp/lake',
  ]);
  const path =
    kind === 'valid' ? page : kind === 'near-valid' ? nearPath(page, random) : `${page}/${hostilePath(random)}`;
  return get('pages', kind, page, path, random.chance(0.5) ? 'none' : anyCaller(random), random);
}

/** Addresses at which there is nothing. */
export function elsewhereRequest(random: Random): FuzzRequest {
  const first = random.pick([
    '',
    'hooks',
    'hooks/wh_1',
    'admin',
    'objects',
    'objects/uploads',
    'console',
    '.git',
    'mcp',
  ]);
  const path = `/${first}/${hostilePath(random)}`;
  return get('elsewhere', 'hostile', '(nothing)', path, anyCaller(random), random);
}

/** `GET /events`, a stream. */
export function eventsRequest(random: Random): FuzzRequest {
  const kind = anyKind(random);
  const odd = (good: string) => (kind === 'valid' ? good : kind === 'near-valid' ? `${good}0` : hostileText(random));
  const query = [
    ...(random.chance(0.5) ? [`since=${odd('{{position:0}}')}`] : []),
    ...(random.chance(0.5) ? [`types=${encodePath(odd('job.updated,dataset.updated').slice(0, 2000))}`] : []),
    ...(random.chance(0.3) ? [`dataset_id=${encodePath(odd('{{dataset:1}}').slice(0, 2000))}`] : []),
  ];
  const resumes: Header[] = random.chance(0.3) ? [['last-event-id', inHeader(odd('{{position:1}}'))]] : [];
  const path = `/events?${query.map((part) => part.replace(/[^\x21-\x7e]/g, (char) => encodePath(char))).join('&')}`;
  return { ...get('events', kind, 'events', path, anyCaller(random), random, resumes), stream: true };
}

/** `PUT` to a presigned URL: as it was made, changed, or used twice. */
export function uploadRequest(random: Random): FuzzRequest {
  const kind = anyKind(random);
  const live = `{{upload:${random.int(0, 99)}}}`;
  const path =
    kind === 'valid'
      ? live
      : kind === 'near-valid'
        ? `${live}${random.pick(['0', '&size=1', '&type=text/html', '&expires=9999999999', '&signature=x', '#x'])}`
        : `/objects/uploads/${encodePath(hostileText(random).slice(0, 500))}?${hostileQuery(random)}`;
  const rows = 'id,color,year,price,note\n1,red,1980,9.5,"it\'s"\n2,blue,1990,,x\n';
  const bytes = random.pick([
    rows,
    '',
    '{"id":1,"color":"red"}\n{"id":',
    'x'.repeat(random.int(1, 64)),
    '\0\xff,"\n',
    'PAR1',
  ]);
  const type = random.weighted([
    [9, '{{upload-type:0}}'],
    [1, 'text/html'],
    [1, ''],
  ] as const);
  return {
    surface: 'uploads',
    kind,
    label: 'upload',
    caller: 'none',
    method: random.weighted([
      [97, 'PUT'],
      [1, 'POST'],
      [1, 'GET'],
      [1, 'DELETE'],
    ] as const),
    path,
    headers: [['content-type', type.replace(':0', live.slice('{{upload'.length, -2))], ...oddHeaders(random)],
    body: Buffer.from(bytes, 'latin1'),
  };
}

function get(
  surface: Surface,
  kind: Kind,
  label: string,
  path: string,
  caller: Caller,
  random: Random,
  more: readonly Header[] = [],
): FuzzRequest {
  const method = random.weighted([
    [90, 'GET'],
    [4, 'HEAD'],
    [2, 'POST'],
    [1, 'OPTIONS'],
    [1, 'PATCH'],
    [1, 'DELETE'],
  ] as const);
  const headers = [...authorization(caller, random), ...more, ...oddHeaders(random)];
  return { surface, kind, label, caller, method, path, headers, body: Buffer.alloc(0) };
}

const anyKind = (random: Random) => random.pick<Kind>(['valid', 'near-valid', 'hostile']);

function nearPath(path: string, random: Random): string {
  return random.pick([
    `${path}/`,
    `${path}//`,
    `${path}/x`,
    `${path}%00`,
    `${path}%2f`,
    `${path}?a=1&a=2&__proto__=x`,
    `${path};a=b`,
    path.replace(/[a-z]/, (char) => char.toUpperCase()),
    path.slice(0, -1),
    `${path}%zz`,
    `${path}.`,
  ]);
}

function hostilePath(random: Random): string {
  const segment = () => {
    const encoded = encodePath(hostileText(random).slice(0, 1000));
    return random.chance(0.2) ? encoded.replace(/%2F/g, '/') : encoded;
  };
  return random.chance(0.5) ? segment() : `${segment()}/${segment()}`;
}

function hostileQuery(random: Random): string {
  return ['type', 'expires', 'size', 'signature']
    .filter(() => random.chance(0.8))
    .map((name) => `${name}=${encodePath(hostileText(random).slice(0, 300))}`)
    .join('&');
}

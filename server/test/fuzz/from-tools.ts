import { actionsPath } from '../../src/surfaces/openapi-actions.ts';
import { hostileText } from './hostile.ts';
import type { Random } from './random.ts';
import { anyCaller, authorization, type FuzzRequest, type Header, json } from './request.ts';
import { inputBytes, type KnownTool, toolCall } from './tool-calls.ts';

/** `POST /tools/<name>`. */
export function toolsRequest(tools: readonly KnownTool[], random: Random): FuzzRequest {
  const call = toolCall(tools, random);
  const caller = anyCaller(random);
  const misnamed = call.kind === 'hostile' && random.chance(0.1);
  const name = misnamed ? encodePath(hostileText(random).slice(0, 2000)) : call.tool.name;
  return {
    surface: 'tools',
    kind: call.kind,
    label: misnamed ? '(no tool)' : name,
    caller,
    method: random.weighted([
      [97, 'POST'],
      [1, 'GET'],
      [1, 'PUT'],
      [1, 'DELETE'],
    ] as const),
    path: `/tools/${name}${random.chance(0.02) ? `?${encodePath(hostileText(random).slice(0, 200))}` : ''}`,
    headers: [...authorization(caller, random), contentType(random), ...oddHeaders(random)],
    body: inputBytes(call, random),
    ...(!misnamed && { tool: name }),
  };
}

/** The same, as a GPT calls. */
export function actionsRequest(tools: readonly KnownTool[], random: Random): FuzzRequest {
  const request = toolsRequest(tools, random);
  return { ...request, surface: 'actions', path: `${actionsPath}${request.path}` };
}

/** A path segment: encoded as it should be, or with bytes that decode to nothing. */
export function encodePath(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%EF%BF%BD/g, '%ff%c0');
}

function contentType(random: Random): Header {
  return random.weighted<Header>([
    [90, json],
    [3, ['content-type', 'text/plain']],
    [3, ['content-type', 'application/json; charset=utf-16']],
    [2, ['content-type', 'multipart/form-data; boundary=']],
    [2, ['content-type', ';;,,/']],
  ]);
}

/** Headers that say what is not so, or what nobody asked for. */
export function oddHeaders(random: Random): Header[] {
  if (!random.chance(0.08)) return [];
  return [
    random.pick<Header>([
      ['content-encoding', 'gzip'],
      ['content-encoding', 'br, deflate, zstd'],
      ['accept', 'image/png'],
      ['accept-encoding', 'gzip;q=1, *;q=0'],
      ['expect', '100-continue'],
      ['origin', 'https://evil.example'],
      ['origin', 'null'],
      ['x-forwarded-for', '127.0.0.1, ::1, unknown'],
      ['x-forwarded-host', 'evil.example'],
      ['forwarded', 'for="_x";host=evil.example'],
      ['x-http-method-override', 'DELETE'],
      ['x-original-url', '/metrics'],
      ['traceparent', '00-00000000000000000000000000000000-0000000000000000-zz'],
      ['traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
      ['tracestate', 'a=b,'.repeat(100)],
      ['baggage', 'a=b;c,%00'],
      ['cookie', '__proto__=1; a='],
      ['if-none-match', '*'],
      ['range', 'bytes=0-1,5-,-1'],
      ['upgrade', 'h2c'],
      ['connection', 'upgrade'],
    ]),
  ];
}

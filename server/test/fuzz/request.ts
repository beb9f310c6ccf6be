import type { Random } from './random.ts';

export const surfaces = [
  'tools',
  'actions',
  'mcp',
  'resources',
  'pages',
  'events',
  'uploads',
  'hooks',
  'elsewhere',
  'wire',
  'control',
] as const;
export type Surface = (typeof surfaces)[number];
export type Kind = 'valid' | 'near-valid' | 'hostile';
export type Header = readonly [name: string, value: string];

/**
 * One generated request, as plain data. Path, headers, body and chunks may hold placeholders such as `{{dataset:3}}` or
 * `{{reader:0}}`; live.ts puts in what there is when the request goes out, so that a request is the same for a seed.
 */
export interface FuzzRequest {
  readonly surface: Surface;
  readonly kind: Kind;
  /** What it asks for: the tool or the method of the protocol. Short, for the report. */
  readonly label: string;
  /** Whose token it carries. */
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** The name of the tool that it calls, where it is well-formed enough to call one. */
  readonly tool?: string;
  /** A stream is answered, which is cut after a moment. */
  readonly stream?: true;
  /** Exact bytes over a connection of its own, with pauses between them, in place of an HTTP request. */
  readonly chunks?: readonly Buffer[];
}

/** What callers may do, by the token that they bring; `jwt` is an issuer's. The last ones may nothing. */
export const grants = {
  admin: ['admin'],
  writer: ['writer'],
  reader: ['reader'],
  narrow: ['lake:read'],
  jwt: ['writer'],
  revoked: [],
  forged: [],
  garbage: [],
  none: [],
} as const satisfies Record<string, readonly string[]>;
export type Caller = keyof typeof grants;

export const anyCaller = (random: Random): Caller =>
  random.weighted<Caller>([
    [60, 'admin'],
    [14, 'writer'],
    [8, 'reader'],
    [6, 'narrow'],
    [3, 'jwt'],
    [2, 'revoked'],
    [2, 'forged'],
    [3, 'garbage'],
    [4, 'none'],
  ]);

export const authorization = (caller: Caller, random: Random): Header[] =>
  caller === 'none' ? [] : [['authorization', `Bearer {{${caller}:${random.int(0, 99)}}}`]];

export const json: Header = ['content-type', 'application/json'];

/** The form in which a request is printed and kept, so that it can be sent again. */
export function toFile(request: FuzzRequest): string {
  const { body, chunks, ...rest } = request;
  return JSON.stringify({
    ...rest,
    body: body.toString('base64'),
    ...(chunks && { chunks: chunks.map((chunk) => chunk.toString('base64')) }),
  });
}

export function fromFile(text: string): FuzzRequest {
  const { body, chunks, ...rest } = JSON.parse(text) as Omit<FuzzRequest, 'body' | 'chunks'> & {
    readonly body: string;
    readonly chunks?: readonly string[];
  };
  const bytes = (encoded: string) => Buffer.from(encoded, 'base64');
  return { ...rest, body: bytes(body), ...(chunks && { chunks: chunks.map(bytes) }) };
}

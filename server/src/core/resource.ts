import type { z } from 'zod';
import type { Principal } from './auth/principal.ts';
import { requireDatabaseFor } from './auth/remembered.ts';
import type { Db } from './db/database.ts';
import { AppError } from './errors.ts';
import type { Complete } from './prompt.ts';
import { isStorable } from './storable.ts';
import type { Toolset } from './tool.ts';

/** Which bytes of a thing are wanted, as the query of its URI says: `?offset=0&length=65536`. */
export interface ByteRange {
  readonly offset?: number;
  readonly length?: number;
}

/** A kind of thing that can be read by its URI, `<kind>://<id>`, and over HTTP at `/resources/<kind>/<id>`. */
export interface ResourceKind {
  /** The URI's scheme. */
  readonly kind: string;
  /** Former or other spellings of the scheme, which are read as well where the protocol's library lets them through. */
  readonly aliases?: readonly string[];
  /** What the id is called in the template of the URI; by default `id`. */
  readonly variable?: string;
  /** Where an id has several parts, such as `runs/{run}/files/{name}`. Each is percent-encoded; a read takes a range then. */
  readonly path?: string;
  /** Of such a thing: it is read whole, a read takes no range. */
  readonly whole?: true;
  /** Whose connections lead to it, as they do to the toolset's tools. */
  readonly toolset: Toolset;
  /** It is read while the database is away, by callers whom this process knows from before. */
  readonly fromMemory?: boolean;
  readonly title: string;
  readonly description: string;
  /** What it answers, for the description of the API. */
  readonly output?: z.ZodObject;
  /** Answers JSON, or throws NOT_FOUND for what is not there or may not be seen. */
  read(id: string, principal: Principal, db: Db, range: ByteRange): Promise<Record<string, unknown>>;
  /** Completes an id. */
  readonly complete?: Complete;
}

type Named = Pick<ResourceKind, 'variable' | 'path' | 'whole'>;

/** The template of a kind's ids, such as `{id}`. */
export const idTemplateOf = ({ variable = 'id', path = `{${variable}}` }: Named): string => path;

/** The template of a kind's URIs, such as `job://{id}`. */
export const templateOf = (resource: Named & Pick<ResourceKind, 'kind'>): string =>
  `${resource.kind}://${idTemplateOf(resource)}${isRanged(resource) ? '{?offset,length}' : ''}`;

/** The variables of the template of a kind's ids. */
export const variablesOf = (resource: Named): string[] =>
  [...idTemplateOf(resource).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Whether a read of this kind takes a range. */
export const isRanged = ({ path, whole }: Named): boolean => path !== undefined && !whole;

/** What is to be read: the id as it stands in the URI, and the query behind it. */
export interface ResourceAddress {
  readonly kind: string;
  readonly id: string;
  readonly query?: URLSearchParams;
}

/** Reads a resource on behalf of somebody, for whichever surface. Throws NOT_FOUND when there is no such kind or thing. */
export async function readResource(
  resources: readonly ResourceKind[],
  { kind, id, query = new URLSearchParams() }: ResourceAddress,
  principal: Principal,
  db: Db,
): Promise<Record<string, unknown>> {
  const resource = resources.find((known) => known.kind === kind || known.aliases?.includes(kind));
  const fits =
    resource && (resource.path !== undefined || !id.includes('/')) && (isRanged(resource) || query.size === 0);
  if (resource) requireDatabaseFor(principal, resource);
  if (fits && isStorable(id)) return resource.read(id, principal, db, rangeOf(query));
  const kinds = resources.map(templateOf).join(', ');
  throw new AppError('NOT_FOUND', 'There is no such resource.', `Use one of: ${kinds}.`);
}

function rangeOf(query: URLSearchParams): ByteRange {
  const wanted = [...query].map(([name, text]) => {
    const value = Number(text);
    if (['offset', 'length'].includes(name) && /^\d{1,15}$/.test(text)) return [name, value];
    throw new AppError('VALIDATION_FAILED', 'The query of this resource is no range.', 'Give ?offset=0&length=65536.');
  });
  return Object.fromEntries(wanted);
}

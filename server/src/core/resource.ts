import type { z } from 'zod';
import type { Principal } from './auth/principal.ts';
import type { Db } from './db/database.ts';
import { AppError } from './errors.ts';
import type { Complete } from './prompt.ts';
import { isStorable } from './storable.ts';
import type { Toolset } from './tool.ts';

/** A kind of thing that can be read by its URI, `<kind>://<id>`, and over HTTP at `/resources/<kind>/<id>`. */
export interface ResourceKind {
  /** The URI's scheme. */
  readonly kind: string;
  /** Former or other spellings of the scheme, which are read as well where the protocol's library lets them through. */
  readonly aliases?: readonly string[];
  /** What the id is called in the template of the URI; by default `id`. */
  readonly variable?: string;
  /** Whose connections lead to it, as they do to the toolset's tools. */
  readonly toolset: Toolset;
  readonly title: string;
  readonly description: string;
  /** What it answers, for the description of the API. */
  readonly output?: z.ZodObject;
  /** Answers JSON, or throws NOT_FOUND for what is not there or may not be seen. */
  read(id: string, principal: Principal, db: Db): Promise<Record<string, unknown>>;
  /** Completes an id. */
  readonly complete?: Complete;
}

/** The template of a kind's URIs, such as `job://{id}`. */
export const templateOf = ({ kind, variable = 'id' }: Pick<ResourceKind, 'kind' | 'variable'>): string =>
  `${kind}://{${variable}}`;

/** Reads a resource on behalf of somebody, for whichever surface. Throws NOT_FOUND when there is no such kind or thing. */
export function readResource(
  resources: readonly ResourceKind[],
  { kind, id }: { readonly kind: string; readonly id: string },
  principal: Principal,
  db: Db,
): Promise<Record<string, unknown>> {
  const resource = resources.find((known) => known.kind === kind || known.aliases?.includes(kind));
  if (resource && isStorable(id)) return resource.read(id, principal, db);
  const kinds = resources.map(templateOf).join(', ');
  throw new AppError('NOT_FOUND', 'There is no such resource.', `Use one of: ${kinds}.`);
}

import { z } from 'zod';

/** What the API promises of one field, in the words of JSON Schema; the description is made of these. */
export interface Promised {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly required: boolean;
  readonly nullable: boolean;
}

/** The promise that stands behind each field that is read leniently. */
export const promises = z.registry<Promised>();

/** Longest text that is read of one field, in characters. */
export const maxText = 20_000;
const maxItems = 5000;

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How a field stands in the description: required, and whether null is allowed, which it is where it is optional. */
type Standing = 'required' | 'required-or-null' | 'optional';

/** A field read leniently: what is missing or of another type is null, whatever the API promises. */
function lenient<T extends z.ZodType>(read: T, schema: Promised['schema'], standing: Standing) {
  const field = z.preprocess((value) => value ?? null, read.nullable().catch(null));
  const promised = { schema, required: standing !== 'optional', nullable: standing !== 'required' };
  promises.add(field as z.ZodType, promised);
  return field;
}

const cut = z
  .string()
  .transform((text) => (text.length > maxText ? `${text.slice(0, maxText)}…` : text).toWellFormed());

/** A text that others wrote. It leaves the slice as untrusted. */
export function text(description: string, standing: Standing = 'optional') {
  return lenient(cut, { type: 'string', description }, standing);
}

/** One of a set of values; one that is not in it yet is read as it stands. */
export function oneOf(values: readonly string[], description: string, standing: Standing = 'optional') {
  return lenient(z.string().max(100), { type: 'string', enum: values, description }, standing);
}

/** A time as the API writes it; null where it is none. Answered as ISO 8601 in UTC. */
export function time(description: string, standing: Standing = 'optional') {
  const read = z
    .string()
    .max(100)
    .refine((value) => /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value)))
    .transform((value) => (/(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`));
  return lenient(read, { type: 'string', format: 'date-time', description }, standing);
}

/** An id of another object. One that is no UUID is null, so that it never reaches a URL. */
export function reference(description: string, standing: Standing = 'optional') {
  return lenient(
    z.string().regex(uuidPattern).toLowerCase(),
    { type: 'string', format: 'uuid', description },
    standing,
  );
}

/** The id of the object itself: without one the object cannot be used, so it is the only field that must be there. */
export function ownId() {
  return z
    .string()
    .regex(uuidPattern)
    .toLowerCase()
    .register(promises, { schema: { type: 'string', format: 'uuid' }, required: true, nullable: false });
}

export function number(description: string, standing: Standing = 'optional') {
  return lenient(z.number(), { type: 'number', description }, standing);
}

export function flag(description: string, standing: Standing = 'optional') {
  return lenient(z.boolean(), { type: 'boolean', description }, standing);
}

/** A list; items that cannot be read are left out. */
export function list<T extends z.ZodType>(item: T, described: Promised['schema'], description: string) {
  return z
    .preprocess((value) => (Array.isArray(value) ? value.slice(0, maxItems) : []), readable(item))
    .register(promises, { schema: { type: 'array', items: described, description }, required: false, nullable: true });
}

function readable<T extends z.ZodType>(item: T) {
  return z.array(z.unknown()).transform((items) =>
    items.flatMap((one) => {
      const read = item.safeParse(one);
      return read.success ? [read.data] : [];
    }),
  );
}

/** An object of any content, such as parameters. It may hold secrets. */
export function anything(description: string) {
  return lenient(
    z.record(z.string(), z.unknown()),
    { type: 'object', additionalProperties: true, description },
    'optional',
  );
}

/** A field that is described and never read: it is large, or holds secrets. */
export function unread(schema: Promised['schema']) {
  return z
    .unknown()
    .transform(() => undefined)
    .optional()
    .register(promises, { schema, required: false, nullable: true });
}

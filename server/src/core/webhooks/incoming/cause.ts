import { z } from 'zod';
import type { Cause } from '../../events/cause.ts';

const schema = z.object({
  event_id: z.string().regex(/^[\w-]{1,100}$/),
  depth: z.int().min(1).max(100),
  via: z
    .array(z.string().regex(/^[a-z]+:[\w-]{1,64}$/))
    .max(100)
    .default([]),
});

/** The cause that the delivery of a Tutti names, so that chains end although they pass through HTTP; undefined for others. */
export function causeFrom(header: string | undefined): Cause | undefined {
  if (header === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(header)).data;
  } catch {
    return undefined;
  }
}

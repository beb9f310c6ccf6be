import { z } from 'zod';
import { grantable } from '../compose/policy.ts';

const variable = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be of capitals, digits and underscores');

/** A value of a parameter: nothing in it means anything to a shell, to YAML or to compose. */
export const parameterValue = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$/, 'letters, digits, dots, dashes, underscores and @, at most 100');

/** What `template.yml` of an operator's template holds. */
export const templateHead = z.strictObject({
  name: z.string().min(1).max(100),
  description: z.string().min(1).max(1000),
  category: z.string().min(1).max(50).default('custom'),
  /** What callers may choose: in the document `${NAME}`. */
  parameters: z
    .record(variable, z.strictObject({ description: z.string().min(1).max(300), default: parameterValue }))
    .default({}),
  /** Passwords and tokens that are made for each sandbox; no caller ever reads them. */
  generated: z.array(variable).max(50).default([]),
  /** What a service needs of the root's powers. */
  capabilities: z.record(z.string(), z.array(z.enum(grantable))).default({}),
});

/** A family of sandboxes: a compose document with gaps, and what may stand in them. */
export interface Template extends z.output<typeof templateHead> {
  readonly id: string;
  readonly compose: string;
}

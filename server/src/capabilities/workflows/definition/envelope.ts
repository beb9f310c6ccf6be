import { z } from 'zod';
import { expandGrants } from '../../../core/auth/principal.ts';
import { workflowName } from '../contract.ts';
import { checkCron } from '../triggers/cron.ts';
import type { JsonObject, Template } from './json.ts';

const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(200).default([]);
const template = z.custom<Template>((value) => value !== undefined);
const expression = z.string().regex(/^\{%[\s\S]*%\}$/, 'It is no expression, {% … %}.');

const stateName = z.string().min(1).max(160);

const schedule = z
  .strictObject({
    /** Five fields, or six with the seconds first. */
    cron: z.string().max(200),
    /** IANA name. */
    timezone: z.string().max(60).optional(),
    missed: z.enum(['skip', 'once', 'all']).optional(),
  })
  .superRefine(({ cron, timezone }, context) => {
    const wrong = checkCron(cron, timezone);
    if (wrong) context.addIssue({ code: 'custom', path: ['cron'], message: `It is no schedule: ${wrong}.` });
  });

const trigger = z
  .strictObject({
    schedule: schedule.optional(),
    webhook: z.strictObject({ source: z.string().min(1).max(200) }).optional(),
    event: z
      .strictObject({
        type: z
          .string()
          .max(100)
          .regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/, 'It is no type of event.'),
        filter: expression.optional(),
      })
      .optional(),
    /** The input of the run that it starts; expressions read `$states.input`: what came. */
    input: template.optional(),
  })
  .refine(({ schedule, webhook, event }) => [schedule, webhook, event].filter((kind) => kind).length === 1, {
    message: 'A trigger has exactly one of schedule, webhook and event.',
  });

export type Trigger = z.output<typeof trigger>;

/** All fields of a document but `definition`, the state machine itself. */
export const envelopeSchema = z.strictObject({
  name: workflowName,
  /** Of this document; the next one, where it is written. */
  version: z.int().min(1).max(1_000_000_000).optional(),
  description: z.string().max(2000).optional(),
  /** JSON Schema of the input. */
  input: z
    .custom<JsonObject>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'It is no JSON Schema.',
    )
    .optional(),
  /** What its states may use of our own tools, of what the principal has. */
  scopes: list(
    z.string().refine((scope) => scope.includes(':') && expandGrants([scope]).unknown.length === 0, 'It is no scope.'),
  ),
  concurrency: z
    .strictObject({
      runs: z.int().min(1).max(10_000),
      when_full: z.enum(['queue', 'refuse', 'cancel_oldest']).default('queue'),
    })
    .optional(),
  /** States whose data is sealed at rest; `true`: all of them. */
  sensitive: z.union([z.literal(true), list(stateName)]).default([]),
  /** States whose data holds nothing secret, whatever they are given. */
  public: list(stateName),
  /** Tools, as `<server>/<tool>`, of which a second call does no harm. */
  idempotent: list(z.string().max(200)),
  outcome: z
    .strictObject({ status: z.string().max(16_500).optional(), summary: z.string().max(16_500).optional() })
    .optional(),
  triggers: z.array(trigger).max(20).default([]),
});

export type Envelope = z.output<typeof envelopeSchema>;

import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { Template } from '../definition/json.ts';

const toolName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*\/[^/\s]+$/, 'must be <server>/<tool>, as behind mcp:// in the definition');

const answer = z
  .strictObject({
    /** Only for calls whose arguments hold this, however deep; lists are compared whole. */
    when: z.unknown().optional(),
    /** How often it is given; without it, always. */
    times: z.int().min(1).optional(),
    /** What the tool answers. Expressions read `$states.input`: the arguments of the call. */
    result: z.custom<Template>(() => true).optional(),
    /** The name by which the call fails instead, such as States.TaskFailed. */
    error: z.string().min(1).optional(),
    cause: z.string().optional(),
  })
  .refine((one) => Object.hasOwn(one, 'result') !== (one.error !== undefined), 'needs either result or error');

/** What a rehearsal is given, and what is expected of it. */
const scriptSchema = z.strictObject({
  input: z.unknown().optional(),
  /** When the run begins. */
  now: z.iso.datetime().default('2026-01-01T00:00:00Z'),
  /** By `<server>/<tool>`: the first that fits, and that is not used up, is given. */
  answers: z.record(toolName, z.array(answer).min(1)).default({}),
  expect: z
    .strictObject({
      status: z.string().optional(),
      summary: z.string().optional(),
      /** Its name. */
      error: z.string().optional(),
      output: z.unknown().optional(),
      /** How often each tool is called; one that is not named here may be called as often as it likes. */
      calls: z.record(toolName, z.int().min(0)).optional(),
    })
    .optional(),
});

export type Answer = z.output<typeof answer>;
export type Script = z.output<typeof scriptSchema>;

/** Reads a file of answers: YAML or JSON. Throws VALIDATION_FAILED with what is wrong. */
export function readScript(text: string): Script {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw wrong(`It is no YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const read = scriptSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw wrong(`${issue?.path.join('.') || 'The file'}: ${issue?.message}.`);
}

function wrong(message: string): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `The answers cannot be used. ${message}`,
    'docs/workflows.md has an example.',
  );
}

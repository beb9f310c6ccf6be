import { z } from 'zod';
import type { Seen } from './seen.ts';

export const containerId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'an id or name as orcaops_list_containers tells it')
  .describe('Id of the container, in its short or long form, or its name; always in full.');

export const containerFields = {
  name: z.string().describe('Its name.'),
  image: z.string().describe('Its image, as it was asked for.'),
  kind: z
    .string()
    .describe(
      'job, pool (waits for a job), sandbox, lost (of ours, known to nobody), or foreign: not made by this server.',
    ),
  engine: z.string().describe('Name of the engine that it is on.'),
  job_id: z.string().optional().describe('The job that it is for; absent for others.'),
  sandbox: z.string().optional().describe('The sandbox that it is part of; absent for others.'),
};

export function shownOwner({ name, image, owner, engine }: Seen) {
  return {
    name,
    image,
    kind: owner.kind,
    engine,
    ...(owner.kind === 'job' && owner.row.job_name !== null && { job_id: owner.row.job_name }),
    ...(owner.kind === 'sandbox' && { sandbox: owner.sandbox.name }),
  };
}

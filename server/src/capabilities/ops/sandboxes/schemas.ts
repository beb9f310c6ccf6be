import { z } from 'zod';
import { success } from '../contract.ts';
import { sandboxName } from './directory.ts';

/** Of a sandbox that there is; any text, for one of another form is simply not there. */
export const nameField = z.string().min(1).max(63).describe('Name of the sandbox.');

export const ownName = sandboxName;

export const serviceField = z
  .string()
  .min(1)
  .max(60)
  .optional()
  .describe('Service, from orcaops_get_sandbox; may be left out where there is one alone.');

export const waitField = z.number().min(0).max(40).default(20).describe('Seconds to wait for the end, 0 to 40.');

const validationSchema = z.looseObject({
  exists: z.boolean().describe('Whether its directory is there.'),
  has_compose: z.boolean().describe('Whether its document is.'),
  has_env: z.boolean().describe('Whether its generated values are.'),
});

const errorSchema = z.looseObject({
  code: z.string().describe('Such as START_FAILED or TIMEOUT.'),
  message: z.string().describe('What went wrong, in our own words.'),
  suggestion: z.string().describe('What to do next.'),
  retryable: z.boolean().describe('Whether the same call may work later.'),
  details: z.unknown().optional().describe('More, depending on the code.'),
});

/** A sandbox in a list. */
export const listedFields = {
  name: z.string().describe('Its name.'),
  template: z.string().describe('The template that it was made of.'),
  path: z.string().describe('Its directory on the machine of its engine; empty until it is made.'),
  created_at: z.string().describe('When it was made, ISO 8601 UTC.'),
  status: z
    .string()
    .describe(
      'creating, created, starting, running, stopping, stopped, snapshotting, deleting or failed; more may come.',
    ),
  engine: z.string().describe('The engine that it runs on.'),
  expires_at: z.string().describe('When it will be deleted with all that it holds, ISO 8601 UTC.'),
  last_used_at: z.string().describe('When it was last used, ISO 8601 UTC.'),
  idle_s: z.number().describe('Seconds without use after which it is stopped.'),
  disk_bytes: z
    .number()
    .optional()
    .describe('What its volumes and containers held as they were last measured; absent before.'),
  max_disk_mb: z.number().optional().describe('What they may hold, in MiB: one that holds more is stopped.'),
  validation: validationSchema.optional().describe('What is on disk; absent unless asked for, and on other machines.'),
};

export const serviceSchema = z.looseObject({
  name: z.string().describe('Its name: `service` of other tools.'),
  image: z.string().describe('Its image.'),
  state: z
    .string()
    .optional()
    .describe('running, exited and others, as the engine says; absent when there is no container.'),
  detail: z.string().optional().describe('More of the engine’s words, such as Up 3 minutes (healthy).'),
  exit_code: z.number().optional().describe('Its exit code; absent while it runs.'),
  container_id: z.string().optional().describe('Id of its container.'),
  ports: z
    .array(
      z.looseObject({
        container_port: z.number().describe('Port inside.'),
        host: z.string().describe('Address on the machine of the engine: loopback.'),
        host_port: z.number().describe('Port there. A free one is chosen at each start.'),
      }),
    )
    .optional()
    .describe('Where its ports can be reached.'),
});

export const detailFields = {
  ...listedFields,
  services: z.array(serviceSchema).describe('Its services.'),
  parameters: z.record(z.string(), z.string()).describe('What its maker chose; generated passwords are not told.'),
  error: errorSchema.optional().describe('Why the last work on it failed; absent otherwise.'),
};

export const doneFields = {
  success,
  name: z.string().describe('Name of the sandbox.'),
  action: z.string().describe('What was asked for.'),
  status: z.string().describe('Its status now.'),
  message: z.string().describe('What became of the call.'),
  job_id: z.string().optional().describe('The job that does it, for job_status and cancel_job.'),
};

export const templateFields = {
  template_id: z.string().describe('Id of the template: `template` of orcaops_create_sandbox.'),
  name: z.string().describe('What it is called.'),
  description: z.string().describe('What it is for.'),
  category: z.string().describe('What kind it is of.'),
  services: z.array(z.string()).describe('Its services.'),
};

export const snapshotSchema = z.looseObject({
  snapshot_id: z.string().describe('Id of the snapshot.'),
  name: z.string().describe('The sandbox that it was taken of.'),
  service: z.string().describe('The service of that.'),
  image: z.string().describe('Its image on the engine, which orcaops_run_job can run.'),
  engine: z.string().describe('The engine that has it.'),
  size_bytes: z.number().optional().describe('Bytes of the image, its base included; absent until it is made.'),
  note: z.string().optional().describe('What its maker noted.'),
  created_at: z.string().describe('When it was taken, ISO 8601 UTC.'),
});

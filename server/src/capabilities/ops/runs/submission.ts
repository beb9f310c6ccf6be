import { z } from 'zod';
import { jobId, ownJobId } from '../contract.ts';

const image = z
  .string()
  .max(256)
  .regex(
    /^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$/,
    'an image such as python:3.12-slim or registry.example.com/team/tool@sha256:…',
  )
  .describe('Image to run in, such as python:3.12-slim. It must have /bin/sh.');

const environment = z
  .record(
    z.string().regex(/^_?[A-Za-z][A-Za-z0-9_]{0,126}$/, 'letters, digits and underscore, no digit and no __ first'),
    z.union(
      [
        z.string().max(32_768),
        z.strictObject({
          secret: z
            .string()
            .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/)
            .describe('Name of the secret.'),
        }),
      ],
      'a text of at most 32768 characters, or {"secret": "<name>"}',
    ),
  )
  .refine((value) => Object.keys(value).length <= 200, 'at most 200 variables')
  .describe('Environment variables. A value is text, or a secret that the operator granted: {"secret": "<name>"}.');

const inputFile = z
  .strictObject({
    path: z.string().min(1).max(512).describe('Where to put it below /work, such as data/in.csv.'),
    text: z.string().max(2_000_000).optional().describe('Its content as text.'),
    base64: z.base64().max(2_800_000).optional().describe('Its content in base64.'),
    dataset_id: z.string().min(1).max(100).optional().describe('Dataset whose object it is; with object_key.'),
    object_key: z.string().min(1).max(1024).optional().describe('Name of the object in the dataset.'),
    version: z.string().min(1).max(100).optional().describe('Version of the dataset; by default the current one.'),
    executable: z.boolean().optional().describe('Whether it may be run.'),
  })
  .refine(
    ({ text, base64, dataset_id }) => [text, base64, dataset_id].filter((one) => one !== undefined).length === 1,
    'has exactly one of text, base64 and dataset_id',
  )
  .refine(
    ({ dataset_id, object_key, version }) =>
      (dataset_id === undefined) === (object_key === undefined) && (dataset_id !== undefined || version === undefined),
    'has object_key (and version) exactly with dataset_id',
  );

export type InputFile = z.output<typeof inputFile>;

/** What orcaops_run_job and orcaops_submit_job take. */
export const submissionFields = {
  image,
  pull: z
    .enum(['missing', 'always', 'never'])
    .optional()
    .describe('When to pull the image, as far as the operator allows: missing (the usual), always, never.'),
  commands: z
    .array(z.string().min(1).max(65_536))
    .min(1)
    .max(100)
    .describe('Commands for /bin/sh, one after the other in /work, until one fails.'),
  env: environment.optional(),
  artifacts: z
    .array(z.string().min(1).max(512))
    .max(100)
    .optional()
    .describe(
      'Files to keep, below /work: out/report.txt, a directory, or with *, ? and **. Nothing else outlives the job.',
    ),
  timeout: z
    .int()
    .min(1)
    .max(604_800)
    .default(300)
    .describe('Seconds after which the job is ended, from when it begins; not how long this call waits.'),
  job_id: ownJobId.optional().describe('An id of your own, unique over all jobs; by default one is made.'),
  input_files: z.array(inputFile).max(50).optional().describe('Files to put into /work before the first command.'),
  resources: z
    .strictObject({
      memory_mb: z.int().min(16).max(1_048_576).optional().describe('Memory in MiB, files included; default 256.'),
      cpus: z.number().min(0.1).max(1024).optional().describe('Processors; default 1.'),
      pids: z.int().min(8).max(100_000).optional().describe('Processes at once; default 128.'),
      work_mb: z.int().min(1).max(1_048_576).optional().describe('Room for files in /work in MiB; default 128.'),
    })
    .optional()
    .describe('What it may use at most.'),
  network: z
    .enum(['none', 'internal', 'egress'])
    .default('none')
    .describe('none, internal (a network that reaches nothing) or egress, as far as the operator allows.'),
  labels: z
    .array(z.string().min(1).max(100))
    .max(20)
    .optional()
    .describe('Words that the engine must have, such as gpu; see orcaops_system_info.'),
  intent: z.string().max(1000).optional().describe('What it is for; kept with the job.'),
  tags: z.array(z.string().min(1).max(100)).max(50).optional().describe('Words to find it by.'),
  triggered_by: z.string().min(1).max(100).default('mcp').describe('What starts it; kept with the job.'),
  parent_job_id: jobId.optional().describe('The job that it comes of; kept with it.'),
  metadata: z
    .record(z.string(), z.unknown())
    .refine((value) => JSON.stringify(value).length <= 65_536, 'at most 64 KiB as JSON')
    .optional()
    .describe('Anything else to keep with it, at most 64 KiB as JSON.'),
};

export type Submission = z.output<z.ZodObject<typeof submissionFields>>;

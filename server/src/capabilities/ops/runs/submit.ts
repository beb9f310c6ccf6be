import { newId } from '../../../core/ids.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { ToolContext } from '../../../core/tool.ts';
import type { JobSpec } from '../contract.ts';
import { chooseEngine, queueOfEngine } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Images } from '../images/images.ts';
import { holderOf } from '../jobs/artifacts.ts';
import { artifactPattern } from '../paths.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import { countOpenJobs } from '../policy/store.ts';
import { newToken } from '../runner/bootstrap.ts';
import { jobExists, tooManyJobs } from './errors.ts';
import { pinInputFiles } from './input-files.ts';
import { grantedResources } from './limits.ts';
import { insertRun, type RunRow } from './store.ts';
import type { Submission } from './submission.ts';

export interface SubmitNeeds {
  readonly jobs: JobEngine;
  readonly objects: ObjectStore;
  readonly engine: LocalEngine;
  readonly ceilings: Ceilings;
  readonly images: Pick<Images, 'check'>;
}

/** Adds a job in the transaction of the call. Throws DOCKER_UNAVAILABLE, ALREADY_EXISTS, and what is wrong with its input. */
export async function submitJob(input: Submission, context: ToolContext, needs: SubmitNeeds): Promise<RunRow> {
  const { db, principal, authority } = context;
  const engine = await chooseEngine(db, needs.engine, input.labels ?? []);
  needs.images.check(input.image, input.pull);
  const limits = needs.ceilings(principal);
  const resources = grantedResources(input, limits);
  for (const pattern of input.artifacts ?? []) artifactPattern(pattern);
  const id = newId('job');
  const name = input.job_id ?? id;
  const spec: JobSpec = {
    image: input.image,
    commands: input.commands,
    env: Object.fromEntries(
      Object.entries(input.env ?? {}).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : `secret:${value.secret}`,
      ]),
    ),
    artifacts: input.artifacts ?? [],
    timeout: input.timeout,
    resources,
    network: input.network,
    keep: limits.keep,
    ...(input.pull !== undefined && { pull: input.pull }),
    input_files: await pinInputFiles(input.input_files ?? [], holderOf(id), needs.objects, context),
  };
  // The last thing that can be refused before it is there: whoever counts holds up the caller's other submissions.
  const open = await countOpenJobs(db, principal.id);
  if (open >= limits.jobs) throw tooManyJobs(open, limits.jobs);
  const run = await insertRun(db, {
    id,
    name,
    principal_id: principal.id,
    engine: engine.name,
    spec,
    fingerprint: fingerprintOf(spec),
    token: newToken(),
    intent: input.intent ?? null,
    tags: [...new Set(input.tags ?? [])],
    triggered_by: input.triggered_by,
    parent_job_id: input.parent_job_id ?? null,
    metadata: input.metadata ?? {},
  });
  if (!run) throw jobExists(name);
  await needs.jobs.enqueue(db, {
    id,
    kind: 'ops.container',
    authority,
    input: {},
    metadata: { job_id: name, image: input.image },
    timeoutS: input.timeout,
    queue: queueOfEngine(engine.name),
  });
  return run;
}

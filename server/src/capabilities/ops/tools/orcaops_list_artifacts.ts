import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { listArtifacts as findArtifacts } from '../artifacts/store.ts';
import { artifactSchema, jobId, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { exampleRun } from '../runs/example.ts';
import { showArtifact } from '../runs/show.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const listArtifacts = (engine: LocalEngine, cursors: Cursors) =>
  tool({
    name: 'orcaops_list_artifacts',
    title: 'List the files of a job',
    description:
      'Tutti ops: lists the files that a container job left, by name, with size and hash. Read one with orcaops_get_artifact. What was asked for and not taken stands in artifact_problems of orcaops_get_job_status.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {
      job_id: jobId,
      limit: z.int().min(1).max(1000).default(200).describe('How many at most, 1 to 1000.'),
      page: pageFields.page,
    },
    output: z.looseObject({
      success,
      job_id: z.string().describe('Id of the job.'),
      artifacts: z.array(artifactSchema).describe('The files.'),
      count: z.number().describe('How many are in this answer.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'What a job left',
        input: { job_id: 'count-lines-1' },
        output: { success: true, job_id: 'count-lines-1', artifacts: exampleRun.artifacts, count: 1 },
      },
    ],
    async run({ job_id, limit, page }, { db, principal }) {
      await knownEngines(db, engine);
      const run = await visibleRun(db, principal, job_id);
      const after = cursors.decode('orcaops_list_artifacts', run.id, page);
      const rows = await findArtifacts(db, run.id, { after, limit: limit + 1 });
      const { items, ...next } = pageOf(rows, limit, showArtifact, (row) =>
        cursors.encode('orcaops_list_artifacts', run.id, row.name),
      );
      return { success: true as const, job_id: run.name, artifacts: items, count: items.length, ...next };
    },
  });

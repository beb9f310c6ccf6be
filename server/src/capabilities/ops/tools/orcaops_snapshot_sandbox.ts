import { z } from 'zod';
import { newId } from '../../../core/ids.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { notRunning } from '../sandboxes/errors.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { requestWork, waitForWork } from '../sandboxes/request.ts';
import { nameField, serviceField, snapshotSchema, waitField } from '../sandboxes/schemas.ts';
import { showSnapshot } from '../sandboxes/show.ts';
import { imageOf } from '../sandboxes/snapshots.ts';
import { findSnapshot, insertSnapshot, type SnapshotRow } from '../sandboxes/store.ts';
import { requireHere, serviceOf, visibleSandbox } from '../sandboxes/visible.ts';

export const snapshotSandbox = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_snapshot_sandbox',
    title: 'Keep a service of a sandbox as an image',
    description:
      'Tutti ops: keeps what a service of a sandbox has written to its own file system as an image of the engine, which orcaops_run_job can run. What is in volumes and in memory is not part of it, and generated passwords are taken out of its environment. See orcaops_list_snapshots.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    further: true,
    input: {
      name: nameField,
      service: serviceField,
      note: z.string().max(500).optional().describe('What to remember of it.'),
      wait_s: waitField,
    },
    output: z.looseObject({
      success,
      ...snapshotSchema.shape,
      message: z.string().describe('What became of the call.'),
      job_id: z.string().describe('The job that makes it, for job_status.'),
    }),
    examples: [
      {
        title: 'Keep what was installed',
        input: { name: 'lab', note: 'with the drivers' },
        output: {
          success: true,
          snapshot_id: 'snap_01kc5b0v6m8q3t9x2y4z7a1b5c',
          name: 'lab',
          service: 'jupyter',
          image: 'tutti-snapshot/lab:snap-01kc5b0v6m8q3t9x2y4z7a1b5c',
          engine: 'local',
          size_bytes: 4_200_000_000,
          note: 'with the drivers',
          created_at: '2026-11-20T09:30:00.000Z',
          message: 'Made. Run jobs on its image, or remove it with orcaops_delete_snapshot.',
          job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
        },
      },
    ],
    async run({ name, service, note }, { db, principal, authority }) {
      const sandbox = await visibleSandbox(db, principal, name);
      requireHere(sandbox, needs);
      const wanted = serviceOf(sandbox, service);
      if (sandbox.status !== 'running' && sandbox.status !== 'failed') throw notRunning(name, wanted);
      const id = newId('snap');
      await insertSnapshot(db, {
        id,
        principal_id: sandbox.principal_id,
        engine: sandbox.engine,
        sandbox: name,
        sandbox_id: sandbox.id,
        service: wanted,
        image: imageOf(id, name),
        note: note ?? null,
      });
      const work = { action: 'snapshot' as const, snapshot_id: id };
      const job_id = await requestWork(db, sandbox, work, { jobs: needs.jobs, place: needs.place, authority });
      const row = (await findSnapshot(db, id)) as SnapshotRow;
      return { success: true as const, ...showSnapshot(row), message: 'It is being made.', job_id };
    },
    async settle(answer, { wait_s }, context) {
      if (!(await waitForWork(String(answer.job_id), 'snapshot', wait_s, needs, context))) return answer;
      const row = await findSnapshot(context.db, String(answer.snapshot_id));
      if (!row) return answer;
      const message = 'Made. Run jobs on its image, or remove it with orcaops_delete_snapshot.';
      return { ...answer, ...showSnapshot(row), message };
    },
  });

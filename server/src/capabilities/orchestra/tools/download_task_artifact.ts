import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { pieceSchema, readPiece } from '../artifacts/piece.ts';
import { resolveRunId, runFields } from '../resolve/resolve-run.ts';
import { taskRunField } from '../resolve/task-run.ts';
import { windowOf } from '../resolve/times.ts';

export const downloadTaskArtifact = (orchestra: OrchestraAccess) =>
  tool({
    name: 'download_task_artifact',
    title: 'Read an artifact of an Orchestra task',
    description:
      'Tutti orchestra: answers a file that a task of a run of the Orchestra platform left: as text where it is UTF-8, else in base64. Of a long one the first piece, with next_offset for the next one and a resource that is read by range. To see which files there are use get_task_run_artifacts; for logs, get_task_run_logs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      ...runFields,
      task_run_id: taskRunField,
      filename: z.string().min(1).max(1024).describe('Name of the file, from get_task_run_artifacts.'),
      offset: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Byte to begin at.'),
      max_bytes: z.int().min(16).max(262_144).default(65_536).describe('Bytes at most, 16 to 262144.'),
    },
    output: pieceSchema,
    async run({ pipeline_run_id, task_run_id, filename, offset, max_bytes, ...times }, context) {
      const window = windowOf(times);
      const api = await orchestra.open(context);
      const runId = await resolveRunId(api, pipeline_run_id, window);
      return readPiece(api, { runId, taskRunId: task_run_id, filename }, { offset, length: max_bytes });
    },
  });

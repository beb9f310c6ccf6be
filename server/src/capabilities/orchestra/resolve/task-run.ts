import { z } from 'zod';
import { uuidPattern } from '../api/field.ts';

const inUrl = /^https?:\/\/\S+\/task-runs\/([0-9a-f-]{36})(?:[/?#]\S*)?$/i;

/** What names a task run: its id, or the address of its page. */
export const taskRunField = z
  .string()
  .max(2000)
  .overwrite((text) => inUrl.exec(text.trim())?.[1]?.toLowerCase() ?? text.trim().toLowerCase())
  .regex(uuidPattern, 'must be the id of a task run, as list_task_runs answers it, or the address of its page')
  .describe('Id of the task run, as list_task_runs answers it, or the address of its page.');

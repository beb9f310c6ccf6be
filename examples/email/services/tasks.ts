/**
 * Task Queue & Notification: one file a task; a notification is a mail in a maildir.
 * Usage: tasks.ts [--store <directory>] [--maildir <directory>]; a channel is a folder in the latter.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addResource, addTool, id, serve } from './serve.ts';
import { openStore, writeWhole } from './store.ts';

interface Task {
  readonly task_id: string;
  readonly description: string;
  readonly status: 'open' | 'done';
  readonly due?: string | undefined;
  /** Channels that were told. */
  readonly told: readonly string[];
}

const options = {
  store: { type: 'string', default: 'tasks' },
  maildir: { type: 'string', default: 'maildir' },
} as const;
const { values } = parseArgs({ options });
const tasks = openStore<Task>(values.store);
const fields = { task_id: id, description: z.string(), status: z.string(), due: z.string().optional() };

function find(taskId: string): Task {
  const found = tasks.get(taskId);
  if (!found) throw new Error(`There is no task ${taskId}.`);
  return found;
}

/** Puts a mail into the folder of the channel, by a name that the same notification gets again. */
function tell({ task_id, description, due }: Task, channel: string): void {
  const folder = path.join(values.maildir, channel);
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(path.join(folder, part), { recursive: true });
  const name = `${task_id}.tutti`;
  const subject = `=?utf-8?B?${Buffer.from(`Task: ${description}`.slice(0, 200)).toString('base64')}?=`;
  const head = ['From: tasks@example.com', `To: ${channel}@example.com`, `Subject: ${subject}`];
  const kind = ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'];
  const text = `${task_id}${due === undefined ? '' : `, due ${due}`}\n\n${description}\n`;
  const mail = [...head, `Date: ${new Date().toUTCString()}`, ...kind, '', text].join('\n');
  writeWhole(path.join(folder, 'new', name), mail, path.join(folder, 'tmp', name));
}

const success = z.object({ success: z.boolean() });

serve('tasks', (server) => {
  addTool(
    server,
    'create_task',
    {
      description: 'Creates a task. With an idempotency_key, the same key again answers the task that it made.',
      input: z.object({
        description: z.string().min(1).max(10_000),
        due: z.iso.datetime().optional(),
        idempotency_key: z.string().min(1).max(200).optional(),
      }),
      output: z.looseObject(fields),
      writes: true,
    },
    ({ description, due, idempotency_key: key }) => {
      const digest = createHash('sha256')
        .update(key ?? randomUUID())
        .digest('hex')
        .slice(0, 20);
      const task_id = `task-${digest}`;
      const known = tasks.get(task_id);
      if (known) return { ...known };
      const task: Task = { task_id, description, status: 'open', due, told: [] };
      tasks.put(task.task_id, task);
      return { ...task };
    },
  );
  addTool(
    server,
    'complete_task',
    { description: 'Marks a task as done.', input: z.object({ task_id: id }), output: success, writes: true },
    ({ task_id }) => {
      tasks.put(task_id, { ...find(task_id), status: 'done' });
      return { success: true };
    },
  );
  addTool(
    server,
    'trigger_notification',
    {
      description: 'Tells a channel of a task, once.',
      input: z.object({ task_id: id, channel: z.string().regex(/^[a-z0-9-]{1,40}$/) }),
      output: success,
      writes: true,
    },
    ({ task_id, channel }) => {
      const task = find(task_id);
      if (task.told.includes(channel)) return { success: true };
      tell(task, channel);
      tasks.put(task_id, { ...task, told: [...task.told, channel] });
      return { success: true };
    },
  );
  addResource(server, 'task', 'A task by its id', tasks.get);
});

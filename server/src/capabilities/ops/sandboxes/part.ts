import type { JobHandler } from '../../../core/jobs/handler.ts';
import type { JobQueue } from '../../../core/jobs/queues.ts';
import type { Tool } from '../../../core/tool.ts';
import { knownEngines } from '../engines/choose.ts';
import { createSandbox } from '../tools/orcaops_create_sandbox.ts';
import { deleteSandbox } from '../tools/orcaops_delete_sandbox.ts';
import { deleteSnapshot } from '../tools/orcaops_delete_snapshot.ts';
import { execSandbox } from '../tools/orcaops_exec_sandbox.ts';
import { getSandbox } from '../tools/orcaops_get_sandbox.ts';
import { getSandboxFile } from '../tools/orcaops_get_sandbox_file.ts';
import { getSandboxLogs } from '../tools/orcaops_get_sandbox_logs.ts';
import { getTemplate } from '../tools/orcaops_get_template.ts';
import { listSandboxes } from '../tools/orcaops_list_sandboxes.ts';
import { listSnapshots } from '../tools/orcaops_list_snapshots.ts';
import { listTemplates } from '../tools/orcaops_list_templates.ts';
import { putSandboxFiles } from '../tools/orcaops_put_sandbox_files.ts';
import { snapshotSandbox } from '../tools/orcaops_snapshot_sandbox.ts';
import { startSandbox } from '../tools/orcaops_start_sandbox.ts';
import { stopSandbox } from '../tools/orcaops_stop_sandbox.ts';
import { sandboxJob } from './job.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import type { SandboxNeeds } from './needs.ts';
import { queueOfSandboxes } from './request.ts';

/** Work on sandboxes at once in this process; little of it is ours. */
const atOnce = 4;

/** Sandboxes: their tools, and what keeps them. */
export function createSandboxes(needs: SandboxNeeds): {
  readonly tools: readonly Tool[];
  readonly handlers: readonly JobHandler[];
  readonly queues: readonly JobQueue[];
  readonly keeper: Keeper;
} {
  const tools = [
    listSandboxes(needs),
    getSandbox(needs),
    createSandbox(needs),
    startSandbox(needs),
    stopSandbox(needs),
    listTemplates(needs),
    getTemplate(needs),
    // Beyond the tools of OrcaOps.
    execSandbox(needs),
    putSandboxFiles(needs),
    getSandboxFile(needs),
    getSandboxLogs(needs),
    deleteSandbox(needs),
    snapshotSandbox(needs),
    listSnapshots(needs),
    deleteSnapshot(needs),
  ];
  return {
    tools: tools.map((tool) => onEngine(tool, needs)),
    handlers: [sandboxJob(needs)],
    queues: [undefined, needs.place].map((place) => ({
      name: queueOfSandboxes(needs.engine.name, place),
      concurrency: atOnce,
    })),
    keeper: createKeeper(needs),
  };
}

/** Where there never was an engine, each of them says how to come by one. */
function onEngine(tool: Tool, { engine }: SandboxNeeds): Tool {
  return {
    ...tool,
    async run(input, context) {
      await knownEngines(context.db, engine);
      return tool.run(input, context);
    },
  };
}

import { arch, platform } from 'node:os';
import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import { whyAway } from '../engines/errors.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { countOpenRuns, listEngines } from '../engines/store.ts';
import { countContainers } from '../reconcile/store.ts';
import { findCompose } from '../sandboxes/cli.ts';

const dockerSchema = z.looseObject({
  version: z.string().optional().describe('Version of the engine.'),
  containers: z.number().optional().describe('Containers on it, whoever made them.'),
  containers_running: z.number().optional().describe('Of them, running.'),
  containers_paused: z.number().optional().describe('Of them, paused.'),
  containers_stopped: z.number().optional().describe('Of them, stopped.'),
  images: z.number().optional().describe('Images on it.'),
  os: z.string().optional().describe('Its operating system.'),
  kernel: z.string().optional().describe('Its kernel.'),
  memory_bytes: z.number().optional().describe('Memory of its machine.'),
  cpus: z.number().optional().describe('Processors of its machine.'),
  cgroup_version: z.string().optional().describe('1 or 2: what limits its containers.'),
  cgroup_driver: z.string().optional().describe('cgroupfs or systemd.'),
  runtime: z.string().optional().describe('What runs its containers, such as runc.'),
  storage_driver: z.string().optional().describe('Such as overlay2.'),
});

export const systemInfo = (engine: LocalEngine) =>
  tool({
    name: 'orcaops_system_info',
    title: 'Show the Docker engines',
    description:
      'Tutti ops: shows the Docker engines that jobs run on: whether they answer, versions, containers, memory, labels and capacity. To see jobs use orcaops_list_jobs.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {},
    output: z.looseObject({
      success,
      runtime: z.string().describe('What the server runs on, such as Node.js v24.11.0.'),
      platform: z.string().describe('Operating system of the server, such as linux.'),
      architecture: z.string().describe('Architecture of the server, such as x64.'),
      docker: dockerSchema.describe('The engine of this server, or the first one of another process.'),
      compose: z
        .looseObject({
          command: z.string().describe('docker compose or docker-compose.'),
          version: z.string().describe('Its version.'),
        })
        .optional()
        .describe('What sandboxes are started with, on this server; absent where none is installed.'),
      engines: z
        .array(
          z.looseObject({
            name: z.string().describe('Name of the engine.'),
            labels: z.array(z.string()).describe('What it has, by which jobs choose; its name is one as well.'),
            capacity: z.number().describe('Jobs that it runs at once.'),
            jobs: z.number().describe('Jobs of it that have not ended.'),
            containers: z
              .looseObject({
                bound: z.number().describe('Bound to a job.'),
                parked: z.number().describe('Ready for the next one.'),
                unneeded: z.number().describe('To be removed.'),
              })
              .describe('Containers of this installation on it.'),
            processes: z.number().describe('Processes of Tutti beside it that were heard of in the last 30 seconds.'),
            reachable: z.boolean().describe('Whether one of them reaches it.'),
            reason: z.string().optional().describe('Why not.'),
            version: z.string().optional().describe('Its version.'),
            seen_at: z.string().describe('When it last answered, ISO 8601 UTC.'),
          }),
        )
        .describe('All engines.'),
    }),
    examples: [
      {
        title: 'Which engines there are',
        input: {},
        output: {
          success: true,
          runtime: 'Node.js v24.11.0',
          platform: 'linux',
          architecture: 'x64',
          docker: {
            version: '28.2.2',
            containers: 3,
            containers_running: 2,
            containers_paused: 0,
            containers_stopped: 1,
            images: 12,
            os: 'Debian GNU/Linux 12 (bookworm)',
            kernel: '6.1.0-27-amd64',
            memory_bytes: 16_777_216_000,
            cpus: 8,
            cgroup_version: '2',
            cgroup_driver: 'systemd',
            runtime: 'runc',
            storage_driver: 'overlay2',
          },
          compose: { command: 'docker compose', version: '2.40.3' },
          engines: [
            {
              name: 'local',
              labels: [],
              capacity: 8,
              jobs: 1,
              containers: { bound: 1, parked: 2, unneeded: 0 },
              processes: 1,
              reachable: true,
              version: '28.2.2',
              seen_at: '2026-11-20T09:30:00.000Z',
            },
          ],
        },
      },
    ],
    async run(_input, { db }) {
      await knownEngines(db, engine);
      await engine.check();
      const [engines, open] = await Promise.all([listEngines(db), countOpenRuns(db)]);
      const containers = await Promise.all(engines.map(({ name }) => countContainers(db, name)));
      const shown = engines.find(({ name }) => name === engine.name) ?? engines[0];
      const compose = await findCompose();
      return {
        success: true as const,
        runtime: `Node.js ${process.version}`,
        platform: platform(),
        architecture: arch(),
        docker: shown?.info ?? {},
        ...(compose && { compose: { command: compose.command.join(' '), version: compose.version } }),
        engines: engines.map(({ name, labels, capacity, processes, reachable, version, seen_at }, at) => ({
          name,
          labels,
          capacity,
          jobs: open.get(name) ?? 0,
          containers: { bound: 0, parked: 0, unneeded: 0, ...containers[at] },
          processes,
          reachable,
          ...(!reachable && engines[at] && { reason: whyAway(engines[at]) }),
          ...(version !== null && { version }),
          seen_at: seen_at.toISOString(),
        })),
      };
    },
  });

import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { containerElsewhere } from '../containers/errors.ts';
import { containerFields, containerId, shownOwner } from '../containers/fields.ts';
import { type ContainerNeeds, findReadable } from '../containers/seen.ts';
import { shownLimits, shownNetwork, shownState } from '../containers/show.ts';
import { success } from '../contract.ts';
import { engineCall } from '../docker/failure.ts';
import { noContainer } from '../errors.ts';

export const inspectContainer = (needs: ContainerNeeds) =>
  tool({
    name: 'orcaops_inspect_container',
    title: 'Look at a container',
    description:
      'Tutti ops: shows one container: state, exit code, network, limits. Its environment, command and mounts are never shown, for they may hold secrets. What it wrote is in orcaops_get_container_logs; a job as a whole in orcaops_get_job_status.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: { container_id: containerId },
    output: z.looseObject({
      success,
      container_id: z.string().describe('Its id, in the long form.'),
      ...containerFields,
      state: z
        .looseObject({
          status: z.string().describe('created, running, paused, exited and others, as the engine says.'),
          running: z.boolean().describe('Whether it runs.'),
          exit_code: z.number().nullable().describe('Of its main process; null while it runs.'),
          oom_killed: z.boolean().describe('Whether it was killed for want of memory.'),
          started_at: z.string().optional().describe('When it began, ISO 8601 UTC; absent before.'),
          finished_at: z.string().optional().describe('When it ended, ISO 8601 UTC; absent before.'),
        })
        .describe('How it stands.'),
      network_settings: z
        .looseObject({
          mode: z.string().describe('none, bridge, or the name of a network.'),
          networks: z
            .array(
              z.looseObject({
                name: z.string().describe('Name of the network.'),
                ip_address: z.string().describe('Its address there; empty without one.'),
              }),
            )
            .describe('The networks that it is on.'),
          ports: z
            .array(
              z.looseObject({
                container_port: z.string().describe('Such as 80/tcp.'),
                host: z.string().describe('Address of the machine.'),
                host_port: z.number().describe('Port of the machine.'),
              }),
            )
            .describe('The ports of the machine that lead to it.'),
        })
        .describe('What it is connected to.'),
      limits: z
        .looseObject({
          memory_mb: z.number().optional().describe('Memory, in MiB.'),
          cpus: z.number().optional().describe('Processors.'),
          pids: z.number().optional().describe('Processes at once.'),
        })
        .describe('What it may use; absent fields are not limited.'),
      created: z.string().describe('When it was made, ISO 8601 UTC.'),
    }),
    examples: [
      {
        title: 'How it stands',
        input: { container_id: '3f4e8c1b2a90' },
        output: {
          success: true,
          container_id: '3f4e8c1b2a90d1e2f3a4b5c6d7e8f90112233445566778899aabbccddeeff001',
          name: 'tutti-01kc5b0v6m8q3t9x2y4z7a1b5c',
          image: 'python:3.12-slim',
          kind: 'job',
          engine: 'local',
          job_id: 'count-lines-2',
          state: {
            status: 'running',
            running: true,
            exit_code: null,
            oom_killed: false,
            started_at: '2026-11-20T09:31:00.120Z',
          },
          network_settings: { mode: 'none', networks: [{ name: 'none', ip_address: '' }], ports: [] },
          limits: { memory_mb: 256, cpus: 1, pids: 128 },
          created: '2026-11-20T09:31:00.000Z',
        },
      },
    ],
    async run({ container_id }, { db, principal }) {
      const seen = await findReadable(db, principal, needs, container_id);
      if (!seen.here)
        throw containerElsewhere(container_id, seen.engine, seen.owner.kind === 'job' ? seen.owner.row.job_name : null);
      const { docker, host } = await needs.engine.reach();
      const found = await engineCall(
        { host },
        () => docker.getContainer(seen.id).inspect(),
        (status) => (status === 404 ? noContainer(container_id) : undefined),
      );
      return {
        success: true as const,
        container_id: found.Id,
        ...shownOwner(seen),
        state: shownState(found),
        network_settings: shownNetwork(found),
        limits: shownLimits(found),
        created: found.Created,
      };
    },
  });

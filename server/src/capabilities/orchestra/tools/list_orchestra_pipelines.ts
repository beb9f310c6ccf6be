import { z } from 'zod';
import { type Cursors, nextPageField, pageFields } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { fittingPage } from '../lists/fitting-page.ts';
import { gapsSchema } from '../present/gap.ts';
import { pipelineSchema, showPipeline } from '../present/pipeline.ts';

const list = 'list_orchestra_pipelines';

export const listOrchestraPipelines = (orchestra: OrchestraAccess, cursors: Cursors) =>
  tool({
    name: list,
    title: 'List pipelines of Orchestra',
    description:
      'Tutti orchestra: lists the pipelines of the account with alias, schedules, triggers and newest run. For runs, use list_pipeline_runs; for workflows of Tutti itself, list_workflows.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      name: z.string().min(1).max(200).optional().describe('Only those whose name or alias holds this.'),
      latest_run_status: z.string().max(40).optional().describe('Only those whose newest run is FAILED, for example.'),
      paused: z.boolean().optional().describe('Only those whose triggers rest, or only the others.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(pipelineSchema).describe('The pipelines, as Orchestra orders them.'),
      total: z.number().describe('How many there are on all pages.'),
      next_page: nextPageField,
      gaps: gapsSchema,
    }),
    async run({ page, page_size, ...filters }, { principal, signal }) {
      const api = await orchestra.open({ principal, signal });
      const { items, unreadable } = await api.pipelines();
      const { name, latest_run_status, paused } = filters;
      const wanted = items.filter(
        (one) =>
          (name === undefined || holds(one.name, name) || holds(one.alias, name)) &&
          (latest_run_status === undefined || one.latestRunStatus === latest_run_status.toUpperCase()) &&
          (paused === undefined || (one.paused ?? false) === paused),
      );
      const show = (one: (typeof items)[number]) => showPipeline(one, api.site);
      return {
        ...fittingPage(wanted, show, { page, page_size }, { cursors, list, filters }),
        total: wanted.length,
        gaps: unreadable > 0 ? [{ what: 'pipelines', why: 'Some have no usable id.' }] : [],
      };
    },
  });

function holds(text: string | null, part: string): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}

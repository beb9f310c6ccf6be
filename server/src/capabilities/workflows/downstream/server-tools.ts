import type { Logger } from '../../../core/log.ts';
import { compileOutputCheck, type OutputCheck } from './output-check.ts';
import { compareTools } from './tool-list.ts';
import type { DownstreamTool } from './types.ts';

/** What one server offers, as far as this process knows. */
export interface ServerTools {
  /** Undefined until it was ever asked. */
  all(): readonly DownstreamTool[] | undefined;
  find(name: string): DownstreamTool | undefined;
  checkOf(tool: DownstreamTool): OutputCheck | undefined;
  /** Takes a new list; keeps it and says so where it is another one. */
  take(tools: readonly DownstreamTool[]): Promise<void>;
}

export interface ServerToolsNeeds {
  readonly server: string;
  readonly log: Logger;
  readonly kept: readonly DownstreamTool[] | undefined;
  readonly keep: (tools: readonly DownstreamTool[]) => Promise<void>;
}

export function createServerTools({ server, log, kept, keep }: ServerToolsNeeds): ServerTools {
  let tools = kept;
  let byName = index(kept ?? []);
  const checks = new WeakMap<DownstreamTool, OutputCheck | undefined>();

  return {
    all: () => tools,
    find: (name) => byName.get(name),
    checkOf(tool) {
      if (tool.outputSchema === undefined) return undefined;
      if (checks.has(tool)) return checks.get(tool);
      const check = compileOutputCheck(tool.outputSchema);
      if (!check)
        log.warn({ server, tool: tool.name }, 'the output schema of a tool cannot be used: it is not checked');
      checks.set(tool, check);
      return check;
    },
    async take(next) {
      const changes = compareTools(tools ?? [], next);
      if (tools !== undefined && changes === undefined) return;
      if (tools !== undefined) log.info({ server, ...changes }, 'the tools of a downstream server have changed');
      tools = next;
      byName = index(next);
      // The list of this process counts; that of the database only spares others the question.
      await keep(next).catch((error: unknown) => log.warn({ server, error }, 'the tools of a server were not kept'));
    },
  };
}

function index(tools: readonly DownstreamTool[]): Map<string, DownstreamTool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

import type { Tool } from '../../../core/tool.ts';
import type { Shelf } from './shelf.ts';

/** A tool that changes what is read: when it answers, this process reads the change. */
export function fresh(tool: Tool, shelf: Pick<Shelf, 'refresh'>): Tool {
  if (tool.effect === 'read') return tool;
  return {
    ...tool,
    async settle(answer, input, context) {
      await shelf.refresh();
      return tool.settle ? tool.settle(answer, input, context) : answer;
    },
  };
}

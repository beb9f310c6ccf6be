import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';

const name = 'call_tool';

/**
 * Its effect says that it may change something, because the tool that it calls may. What is asked of a caller is asked
 * for that tool: its scope, read-only mode, the transaction, the audit entry and the `idempotency_key` in `input`.
 */
export const callTool = () =>
  tool({
    name,
    title: 'Call a tool',
    description:
      'Tutti: calls any tool by its name, also one that this endpoint does not list, and answers what that tool answers. Call a listed tool directly instead. Find names with search_tools and fields with describe_tool.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:read',
    common: true,
    dispatches: true,
    input: {
      name: z.string().max(100).describe('Name of the tool.'),
      input: z
        .record(z.string(), z.unknown())
        .default({})
        .describe('Its input, with its idempotency_key if it takes one.'),
    },
    output: z.looseObject({}),
    async run({ name: wanted, input }, { tools }) {
      if (wanted !== name) return tools.call(wanted, input);
      throw new AppError(
        'BAD_REQUEST',
        `${name} cannot call itself.`,
        'Give the name of the tool that is to do the work; search_tools finds it.',
      );
    },
  });

import { compare } from './mcp/compare.ts';
import type { Benchmark } from './support/table.ts';

export const toolCall: Benchmark = {
  name: 'tool-call',
  title: 'One cheap read tool over HTTP, 100 tools registered',
  installs: new URL('./fastmcp/', import.meta.url),
  run: (options) => compare('tools/call', options),
};

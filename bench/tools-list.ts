import { compare } from './mcp/compare.ts';
import type { Benchmark } from './support/table.ts';

export const toolsList: Benchmark = {
  name: 'tools-list',
  title: 'tools/list over HTTP, 100 tools registered',
  installs: new URL('./fastmcp/', import.meta.url),
  run: (options) => compare('tools/list', options),
};

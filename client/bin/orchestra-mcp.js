#!/usr/bin/env node
// `orchestra-mcp`: `tutti mcp` with the toolset orchestra. Flags that follow are those of `tutti mcp`.
process.argv.splice(2, 0, 'mcp', '--toolsets', 'orchestra');
void import('./tutti.js');

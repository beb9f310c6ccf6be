#!/usr/bin/env node
// `orcaops-mcp`: `tutti mcp` with the toolset ops. Flags that follow are those of `tutti mcp`.
process.argv.splice(2, 0, 'mcp', '--toolsets', 'ops');
void import('./tutti.js');

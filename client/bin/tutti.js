#!/usr/bin/env node
// The `tutti` command: plain JavaScript, so that an old Node gets a sentence instead of a syntax error.
import { tooOld } from './node-version.js';

/** A checkout runs its TypeScript; the published package brings it compiled, for Node strips no types in node_modules. */
async function main() {
  const { existsSync } = await import('node:fs');
  const source = new URL('../src/cli.ts', import.meta.url);
  const cli = await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href);
  process.exitCode = await cli.run(process.argv.slice(2));
  // What a command left open must not keep it from ending.
  setTimeout(() => process.exit(), 3000).unref();
}

const sentence = tooOld(process.versions.node);
if (sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
} else {
  void main();
}

import path from 'node:path';
import type { EngineOps } from './protocol.ts';
import type { QueryTable } from './query-protocol.ts';
import { relationsOf } from './query-relations.ts';
import { openSandbox, type Sandbox } from './query-sandbox.ts';

/** To open one takes longer than most queries, so the last one stays for whoever asks the same tables again. */
let kept: { readonly tables: string; readonly sandbox: Sandbox } | undefined;

/**
 * Runs a query on the tables of a version. The files are called by names that begin below what they have in common, so that
 * nothing the engine says of them tells where this machine keeps them.
 */
export async function queryTables(
  input: EngineOps['query']['input'],
  memoryMb: number,
): Promise<EngineOps['query']['output']> {
  const root = commonDirectory(input.tables.flatMap(({ files }) => files));
  process.chdir(root);
  try {
    const sandbox = await sandboxOf(root, input.tables, memoryMb);
    const { sql, params, maxRows, maxBytes, deadline } = input;
    return await sandbox.run({ sql, params, maxRows, maxBytes, timeoutMs: deadline - Date.now() });
  } catch (error) {
    leave();
    throw error;
  } finally {
    process.chdir('/');
  }
}

async function sandboxOf(root: string, tables: readonly QueryTable[], memoryMb: number): Promise<Sandbox> {
  const key = JSON.stringify(tables);
  if (kept?.tables === key) return kept.sandbox;
  leave();
  const relative = tables.map((table) => ({
    ...table,
    files: table.files.map((file) => path.relative(root, file)),
  }));
  const files = relative.flatMap((table) => table.files);
  const sandbox = await openSandbox(files, relationsOf(relative), memoryMb);
  kept = { tables: key, sandbox };
  return sandbox;
}

function leave(): void {
  const last = kept;
  kept = undefined;
  last?.sandbox.close();
}

function commonDirectory(files: readonly string[]): string {
  let root = path.dirname(files[0] ?? '/');
  for (const file of files)
    while (root !== path.dirname(root) && !file.startsWith(root + path.sep)) root = path.dirname(root);
  return root;
}

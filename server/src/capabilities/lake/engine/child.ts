import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { serialize } from 'node:v8';
import { toWire } from './failure.ts';
import type { EngineOps, EngineReply, EngineRequest, EngineSource, OnProgress, OpName } from './protocol.ts';

type Run<Op extends OpName> = (
  input: EngineOps[Op]['input'],
  memoryMb: number,
  onProgress: OnProgress,
) => Promise<EngineOps[Op]['output']>;

/** What this process can do. Each op loads its engine when it is first asked for, so that a search never pays for DuckDB. */
const ops: { readonly [Op in OpName]: { readonly source: EngineSource; readonly run: Run<Op> } } = {
  describe: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./describe.ts')).describeObjects(input, memoryMb),
  },
  check: {
    source: 'duckdb',
    run: async (input, memoryMb, onProgress) => (await import('./check.ts')).checkObjects(input, memoryMb, onProgress),
  },
  materialise: {
    source: 'duckdb',
    run: async (input, memoryMb, onProgress) =>
      (await import('./materialise.ts')).materialiseObject(input, memoryMb, onProgress),
  },
  contract: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./contract/check-contract.ts')).checkContract(input, memoryMb),
  },
  patterns: { source: 'duckdb', run: async (input) => (await import('./contract/patterns.ts')).checkPatterns(input) },
  profile: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./profile.ts')).profileTables(input, memoryMb),
  },
  ingest: {
    source: 'lance',
    run: async (input, memoryMb, onProgress) => (await import('./ingest.ts')).ingestObject(input, memoryMb, onProgress),
  },
  finish_index: { source: 'lance', run: async (input) => (await import('./index-table.ts')).finishIndex(input) },
  index_begin: { source: 'lance', run: async (input) => (await import('./index-ops.ts')).beginIndex(input) },
  index_remove: { source: 'lance', run: async (input) => (await import('./index-ops.ts')).removeObjects(input) },
  index_write: {
    source: 'lance',
    run: async (input, memoryMb, onProgress) => (await import('./index-ops.ts')).writeRows(input, memoryMb, onProgress),
  },
  index_finish: { source: 'lance', run: async (input) => (await import('./index-ops.ts')).finishRows(input) },
  index_state: { source: 'lance', run: async (input) => (await import('./index-ops.ts')).stateOfIndex(input) },
  expected_rows: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./expected-rows.ts')).expectedRows(input, memoryMb),
  },
  vector_size: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./vector-size.ts')).vectorSize(input, memoryMb),
  },
  rows_of: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./rows-of.ts')).rowsOf(input, memoryMb),
  },
  export_rows: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./export-rows.ts')).exportRows(input, memoryMb),
  },
  export_state: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./export-rows.ts')).stateOfExport(input, memoryMb),
  },
  query: {
    source: 'duckdb',
    run: async (input, memoryMb) => (await import('./query.ts')).queryTables(input, memoryMb),
  },
  search: { source: 'lance', run: async (input) => (await import('./search.ts')).searchIndex(input) },
  probe: {
    source: 'lance',
    run: async () => {
      await Promise.all([import('@lancedb/lancedb'), import('@duckdb/node-api')]);
      return { ok: true };
    },
  },
  drop_index: { source: 'lance', run: async (input) => (await import('./index-table.ts')).dropIndex(input) },
};

function beModest(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Where the system forbids or lacks it, the parent's own limits still hold.
  }
}

async function serve({ id, op, input, memoryMb }: EngineRequest): Promise<void> {
  const { source, run } = ops[op] as { source: EngineSource; run: Run<OpName> };
  try {
    const output = await run(input, memoryMb, (progress) => reply({ id, type: 'progress', progress }));
    reply({ id, type: 'done', output: serialize(output) });
  } catch (error) {
    reply({ id, type: 'failed', error: toWire(error, source, pathsOf(input)) });
  }
}

function reply(message: EngineReply): void {
  if (process.connected) process.send?.(message);
}

function pathsOf(input: EngineRequest['input']): Map<string, string> {
  const objects = 'objects' in input ? input.objects : 'object' in input ? [input.object] : [];
  const paths = new Map(objects.map(({ path, key }) => [path, key]));
  if ('index' in input) paths.set(input.index.dir, '<index>');
  for (const table of 'groups' in input
    ? input.groups.flatMap((group) => group.tables)
    : 'tables' in input
      ? input.tables
      : [])
    for (const file of table.files) paths.set(file, table.key);
  if ('parts' in input) for (const { files, key } of input.parts) for (const file of files) paths.set(file, key);
  if ('dir' in input) paths.set(input.dir, '<table>');
  return paths;
}

beModest();
// A signal to the whole process group is the parent's to answer: it lets running calls finish, then disconnects.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (request) => void serve(request as EngineRequest));

import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
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
  ingest: {
    source: 'lance',
    run: async (input, memoryMb, onProgress) => (await import('./ingest.ts')).ingestObject(input, memoryMb, onProgress),
  },
  finish_index: { source: 'lance', run: async (input) => (await import('./index-table.ts')).finishIndex(input) },
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
    reply({ id, type: 'done', output });
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
  return paths;
}

beModest();
// A signal to the whole process group is the parent's to answer: it lets running calls finish, then disconnects.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (request) => void serve(request as EngineRequest));

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { makeTempDir } from '../temp-dir.ts';
import type { Fault } from './faults.ts';
import type { ClassDefinition, StoredObject } from './state.ts';

interface Held {
  readonly collections: readonly {
    readonly definition: ClassDefinition;
    readonly rows: number;
    readonly sample: readonly StoredObject[];
  }[];
  readonly calls: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
}

/** Starts a simulated Weaviate in a process of its own, which ends with this one. */
export async function startWeaviate({ key, version }: { key?: string; version?: string } = {}) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'serve.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...(key && { WEAVIATE_KEY: key }), ...(version && { WEAVIATE_VERSION: version }) },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { http, grpc } = JSON.parse(line) as { http: number; grpc: number };
  const url = `http://127.0.0.1:${http}`;
  const control = async (method: string, what: string, body?: unknown): Promise<Held> => {
    const answer = await fetch(`${url}/_test/${what}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Held;
  };
  return {
    /** What an operator writes into `lake.weaviate` for it. */
    declared(name: string, givenKey = key) {
      const file = path.join(makeTempDir('weaviate'), 'key');
      if (givenKey !== undefined) writeFileSync(file, `${givenKey}\n`);
      return {
        name,
        url,
        grpc_url: `http://127.0.0.1:${grpc}`,
        ...(givenKey !== undefined && { api_key: `file:${file}` }),
      };
    },
    /** From now on these go wrong, and nothing else. */
    faults: (faults: readonly Fault[]) => control('PUT', 'faults', faults),
    held: () => control('GET', 'state'),
    /** Loses all collections. */
    lose: () => control('POST', 'drop'),
    async stop(): Promise<void> {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

export type Weaviate = Awaited<ReturnType<typeof startWeaviate>>;

/** The flag that declares instances. */
export const declaring = (...instances: readonly object[]) => ['--lake-weaviate', JSON.stringify(instances)];

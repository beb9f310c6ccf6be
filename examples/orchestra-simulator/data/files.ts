import type { FilePlan } from '../model.ts';

/** The form of dbt's `run_results.json`, one result a model. */
export function runResults(
  results: readonly { id: string; status: string; message?: string; code?: string }[],
): FilePlan {
  const body = {
    metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json', dbt_version: '1.10.4' },
    results: results.map(({ id, status, message, code }) => ({
      unique_id: id,
      status,
      message: message ?? 'SUCCESS 1',
      execution_time: 1.5,
      compiled_code: code ?? `select * from ${id.split('.').at(-1)}`,
      adapter_response: {},
    })),
    elapsed_time: 12.5,
    args: { which: 'build' },
  };
  return { name: 'target/run_results.json', body: JSON.stringify(body, null, 2) };
}

let manifest: Uint8Array | undefined;

/** A manifest of more than 30 MB, made when it is first read. */
export const hugeManifest: FilePlan = {
  name: 'target/manifest.json',
  body: () => {
    manifest ??= Buffer.from(
      JSON.stringify({
        metadata: { generated_by: 'orchestra-simulator' },
        nodes: Object.fromEntries(
          Array.from({ length: 30_000 }, (_, at) => [
            `model.big.m${at}`,
            { name: `m${at}`, raw_code: 'x'.repeat(1024) },
          ]),
        ),
      }),
    );
    return manifest;
  },
};

/** Bytes of every value: neither text nor JSON, whatever the name says. */
export const binary: FilePlan = {
  name: 'plots/result.json',
  body: Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 256)),
};

/** Names that must never become paths. */
export const oddNames: readonly FilePlan[] = [
  '../../etc/passwd',
  '1/dbt build',
  '2/dbt build',
  'ümläut & more?.txt',
  'a%2Fb.txt',
  `${'long'.repeat(75)}.txt`,
].map((name) => ({ name, body: `the body of ${name}\n` }));

/** A log in ANSI colours with bytes that are no UTF-8, and secrets as tools print them. */
export const messyLog: FilePlan = {
  name: '1/run script',
  body: Buffer.concat([
    Buffer.from('\u001b[0m12:00:01  Running with dbt\n\u001b[33mWARN\u001b[0m password=hunter2hunter2\n'),
    Buffer.from([0xff, 0xfe, 0x80, 0x0a]),
    Buffer.from('\u001b[31mERROR\u001b[0m: could not connect to warehouse\n'),
    Buffer.from(
      'Traceback (most recent call last):\n  File "job.py", line 7, in <module>\nConnectionResetError: [Errno 104]\n',
    ),
  ]),
};

/** A log of `lines` lines with one error in it, at the given line, and noise after it. */
export function longLog(name: string, lines: number, errorAt: number, error: string): FilePlan {
  const body = Array.from({ length: lines }, (_, at) =>
    at === errorAt
      ? error
      : `12:${String(Math.floor(at / 60) % 60).padStart(2, '0')}:${String(at % 60).padStart(2, '0')} step ${at} done`,
  ).join('\n');
  return { name, body: `${body}\n` };
}

import type { Db } from '../../../core/db/database.ts';
import { redact } from '../../../core/redact.ts';
import { engineCall } from '../docker/failure.ts';
import { readRawTail, readTail } from '../docker/streams.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { type CapturedOutput, createCappedOutput } from '../runner/capped-output.ts';
import { createRedactors } from '../runner/redact.ts';
import { listSteps } from '../runs/store.ts';
import type { SandboxPlace } from '../sandboxes/directory.ts';
import { secretsOf } from '../sandboxes/work.ts';
import type { Seen } from './seen.ts';

const caps = { headBytes: 0, tailBytes: 65_536 };

/**
 * The last lines that a container wrote, at most 64 KiB. Of a job it is what is kept of its steps, in which no secret is left;
 * the container's own log holds them as they were written.
 */
export async function tailOf(
  db: Db,
  local: LocalEngine,
  { owner, id }: Seen,
  lines: number,
  place: SandboxPlace,
): Promise<CapturedOutput> {
  const output = createCappedOutput(caps);
  if (owner.kind === 'job') {
    for (const { stdout, stderr } of await listSteps(db, owner.row.run_id ?? '')) {
      for (const text of [stdout, stderr])
        output.push(Buffer.from(text === '' || text.endsWith('\n') ? text : `${text}\n`));
    }
    return lastLines(output.read(), lines);
  }
  // What they hold was never cleaned, and nobody knows any more of what.
  if (owner.kind === 'pool' || owner.kind === 'lost') return output.read();
  const values = owner.kind === 'sandbox' ? await secretsOf(owner.sandbox, { place }) : [];
  const redactors = createRedactors(values);
  const cleaners = { stdout: redactors(), stderr: redactors() };
  const engine = await local.reach();
  const { Config } = await engineCall(engine, () => engine.docker.getContainer(id).inspect());
  const read = Config.Tty ? readRawTail : readTail;
  for await (const { stream, data } of read(engine, id, lines)) output.push(cleaners[stream].push(data));
  for (const { flush } of Object.values(cleaners)) output.push(flush());
  const tail = output.read();
  return { ...tail, text: redact(tail.text) };
}

function lastLines({ text, bytes }: CapturedOutput, lines: number): CapturedOutput {
  const all = text.split(/(?<=\n)/);
  const kept = all.slice(-lines).join('');
  return { text: kept, bytes, cut_bytes: Math.max(0, bytes - Buffer.byteLength(kept)) };
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from '../data-dir.ts';
import type { Db } from '../db/database.ts';
import type { Logger } from '../log.ts';
import type { Head } from './head-key.ts';
import { findCheckpoint, findHead } from './store.ts';

/** What this installation knows of the chain outside of the database: whoever cuts both entries and heads leaves it. */
export type Anchor = Pick<Head, 'seq' | 'hash' | 'time'>;

const fileOf = (dataDir: string) => path.join(dataDir, 'audit-anchor.json');

export function readAnchor(dataDir: string): Anchor | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as Anchor;
  } catch {
    return undefined;
  }
}

/** Why the database does not hold the head that was seen before; undefined when it does, or retention took it. */
export async function lostAnchor(db: Db, anchor: Anchor): Promise<string | undefined> {
  const head = await findHead(db, anchor.seq);
  if (head?.hash === anchor.hash) return undefined;
  const at = `The head at entry ${anchor.seq}, which this server signed at ${anchor.time},`;
  if (head) return `${at} has another hash now: the chain was cut and grown anew.`;
  const checkpoint = await findCheckpoint(db);
  return checkpoint && checkpoint.seq > anchor.seq ? undefined : `${at} is gone: the end of the chain was cut off.`;
}

/**
 * Keeps the newest head beside the database, at each server for itself. One that was lost stays as it is, for the
 * verification to tell of.
 */
export function createAnchor(dataDir: string, log: Logger) {
  let lost = false;
  return async (db: Db, head: Head): Promise<void> => {
    if (lost) return;
    const known = readAnchor(dataDir);
    const why = known && (await lostAnchor(db, known));
    if (why) {
      lost = true;
      log.error({ file: fileOf(dataDir) }, `the audit trail was changed: ${why}`);
      return;
    }
    if (known && known.seq >= head.seq) return;
    writePrivateFile(fileOf(dataDir), `${JSON.stringify({ seq: head.seq, hash: head.hash, time: head.time })}\n`);
  };
}

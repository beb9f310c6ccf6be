import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readMessage } from './message.ts';
import type { Email } from './serve.ts';

/** All mails of an mbox file (RFC 4155) or a maildir, the oldest first. Each is read anew, for other programs write there. */
export function readMailbox(place: string): Email[] {
  const raw = statSync(place).isDirectory() ? readMaildir(place) : splitMbox(readFileSync(place));
  const byId = new Map(raw.map(readMessage).map((mail) => [mail.id, mail]));
  return [...byId.values()].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.id < b.id ? -1 : 1));
}

function readMaildir(place: string): Buffer[] {
  const folders = ['new', 'cur'].map((folder) => path.join(place, folder));
  return folders.flatMap((folder) => readdirSync(folder).map((file) => readFileSync(path.join(folder, file))));
}

/** A message begins with a line `From …` behind an empty one; such lines within it have a `>` before them, as mboxrd has it. */
function splitMbox(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1');
  const begins = [...text.matchAll(/(?:^|\r?\n\r?\n)From [^\n]*\n/g)].map(({ index, 0: line }) => ({
    end: index,
    start: index + line.length,
  }));
  return begins.map(({ start }, at) => {
    const message = text.slice(start, begins[at + 1]?.end ?? text.length);
    return Buffer.from(message.replace(/^>(>*From )/gm, '$1'), 'latin1');
  });
}

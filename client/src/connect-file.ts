import { chmod, copyFile, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from './write-whole.ts';

/** The text of a file; empty when there is none. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * Changes a file of somebody else's, whole or not at all, through links to where it really is. What was there is kept
 * beside it; answers the name of that copy. A file with a secret is readable by its owner only.
 */
export async function replaceFile(
  named: string,
  secret: boolean,
  change: (text: string) => string | Promise<string>,
): Promise<string | undefined> {
  await mkdir(path.dirname(named), { recursive: true, mode: 0o700 });
  const file = await realpath(named).catch(() => named);
  const before = await stat(file).catch(() => undefined);
  // Read now, not when the plan was made: the client may have written since.
  const text = await readText(file);
  const after = await change(text);
  if (after === text) return undefined;
  const mode = secret ? 0o600 : (before?.mode ?? 0o644) & 0o777;
  const copy = before ? `${file}.before-tutti` : undefined;
  await writeWhole(file, after, mode, async () => {
    if (!copy) return;
    await rm(copy, { force: true });
    await copyFile(file, copy);
    await chmod(copy, 0o600);
  });
  return copy;
}

/** The lines that differ, with - and +. Tokens are not shown. */
export function changedLines(before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const lines = [
    `@@ line ${start + 1} @@`,
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...now.slice(start, now.length - end).map((line) => `+ ${line}`),
  ];
  return `${lines.join('\n').replace(/tutti_[\w-]{20,}/g, 'tutti_…')}\n`;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

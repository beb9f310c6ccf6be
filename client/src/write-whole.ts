import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: beside it first, then in its place. `before` runs once all is on disk, and keeps it from its place by
 * failing.
 */
export async function writeWhole(
  file: string,
  text: string,
  mode: number,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await before();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

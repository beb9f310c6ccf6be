import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Scratch } from './fixtures.ts';
import { materialiseObject } from './materialise.ts';
import type { EngineOps } from './protocol.ts';
import { readRows } from './table-rows.ts';
import type { Cell } from './values.ts';

type Input = Omit<EngineOps['materialise']['input'], 'dir'>;
type Output = EngineOps['materialise']['output'];
let count = 0;

/** What a fast way makes of an object, if anything, and what our own reader does: both with their rows in place of files. */
export async function bothWays(
  scratch: Scratch,
  input: Input,
  copy: (input: EngineOps['materialise']['input'], memoryMb: number) => Promise<Output | undefined>,
) {
  const dirs = [join(scratch.dir, `fast${count}`), join(scratch.dir, `own${count++}`)] as const;
  try {
    const fast = await copy({ ...input, dir: dirs[0] }, 1024);
    if (!fast) return { fast, own: undefined };
    const own = await materialiseObject({ ...input, dir: dirs[1] }, 1024, () => undefined, 'own');
    return { fast: await withRows(dirs[0], fast), own: await withRows(dirs[1], own) };
  } finally {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  }
}

/** The rows as every reader of tables gets them: the cells, then line and ordinal. */
async function withRows(dir: string, { files, ...table }: Output) {
  const part = {
    key: 'a',
    sha256: '',
    files: files.map((file) => join(dir, file)),
    columns: table.columns,
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
  };
  const rows: (Cell | undefined)[][] = [];
  for await (const chunk of readRows([part], table.columns, 1024))
    for (let row = 0; row < chunk.count; row++)
      rows.push([...chunk.cells.map((cells) => cells[row]), chunk.lines[row] ?? null, chunk.ordinals[row]]);
  return { ...table, rows };
}

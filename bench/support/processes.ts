import { readdir, readFile } from 'node:fs/promises';

/** Linux only: what /proc says of a process. Times are in clock ticks of 10 ms. */
interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly cpuMs: number;
}

export interface Memory {
  readonly pssMb: number;
  readonly rssMb: number;
}

/** A process and all that it started, directly or not. */
async function family(root: number): Promise<Stat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(readStat))).filter((stat) => stat !== undefined);
  const found = all.filter((stat) => stat.pid === root);
  for (const member of found) found.push(...all.filter((stat) => stat.parent === member.pid));
  return found;
}

/** Processor time of a process and its descendants, living or waited for; `only` picks them by name. */
export async function familyCpuMs(root: number, only?: string): Promise<number> {
  const members = await family(root);
  return members.filter((stat) => !only || stat.name === only).reduce((sum, stat) => sum + stat.cpuMs, 0);
}

/** Memory of a process, and of what it started, by name. */
export async function familyMemory(root: number): Promise<{ node: Memory; postgres: Memory; others: number }> {
  const members = await family(root);
  const sum = async (chosen: readonly Stat[]) => {
    const each = await Promise.all(chosen.map((stat) => readMemory(stat.pid)));
    return each.reduce((a, b) => ({ pssMb: a.pssMb + b.pssMb, rssMb: a.rssMb + b.rssMb }), { pssMb: 0, rssMb: 0 });
  };
  const postgres = members.filter((stat) => stat.name === 'postgres');
  const others = members.length - postgres.length - 1;
  return { node: await sum(members.filter((stat) => stat.name !== 'postgres')), postgres: await sum(postgres), others };
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const match = text?.match(/^\d+ \((.*)\) (.*)$/s);
  if (!match) return undefined;
  const fields = match[2]?.split(' ') ?? [];
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { pid, parent: Number(fields[1]), name: match[1] ?? '', cpuMs: ticks * 10 };
}

async function readMemory(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const mb = (name: string) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1] ?? 0) / 1024;
  return { pssMb: mb('Pss'), rssMb: mb('Rss') };
}

import { spawn } from 'node:child_process';
import path from 'node:path';

const command = path.join(import.meta.dirname, '../../bin/tutti.js');

/** `tutti tour` as a process, with `temporary` for what it keeps meanwhile. */
export function startTour(temporary: string, ...args: string[]) {
  const child = spawn(process.execPath, [command, 'tour', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

/** The tools and other titles of the steps of an act that were played. */
export function playedSteps(act: string): (string | undefined)[] {
  return [...act.matchAll(/^ {2}✓ (\w+)/gm)].map(([, name]) => name);
}

import type { LiveOutput } from './record.ts';

/** Hands on each byte once, however often the output is read from its start. */
export function eachOnce(onOutput: (output: LiveOutput) => void): (output: LiveOutput) => void {
  const told = new Map<string, number>();
  return (output) => {
    const key = `${output.step} ${output.stream}`;
    const known = told.get(key) ?? 0;
    const end = output.offset + output.data.length;
    if (end <= known) return;
    told.set(key, end);
    const skipped = Math.max(0, known - output.offset);
    onOutput(
      skipped === 0 ? output : { ...output, offset: output.offset + skipped, data: output.data.subarray(skipped) },
    );
  };
}

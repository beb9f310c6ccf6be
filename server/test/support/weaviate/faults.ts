import type { State } from './state.ts';

/** What goes wrong with the next calls of this name (`search`, `batchObjects`, `DELETE /v1/schema`, …). */
export interface Fault {
  readonly call: string;
  /**
   * `unavailable`: 503 or UNAVAILABLE, which the client tries again by itself; `exhausted`: RESOURCE_EXHAUSTED, which it does
   * not; `drop`: all connections break; `refuse`: objects of a batch; `hang`: no answer.
   */
  readonly does: 'unavailable' | 'exhausted' | 'drop' | 'refuse' | 'hang';
  /** Of `refuse`: objects whose text has this in it. */
  readonly text?: string;
  /** How often; without it always. */
  times?: number;
}

/** The fault of a call, which counts it. */
export function takeFault({ faults }: State, call: string, does: readonly Fault['does'][], text?: string) {
  const fault = faults.find(
    (one) =>
      (one.call === call || call.startsWith(`${one.call}/`)) &&
      does.includes(one.does) &&
      (text === undefined || text.includes(one.text ?? '')),
  );
  if (fault?.times !== undefined && --fault.times === 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

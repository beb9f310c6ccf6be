/**
 * Where a reader stands in the event log: behind an event, or behind everything of the transactions before `xid`.
 * Its public form is `<xid>.<seq>`; `0.0` is before the oldest event.
 */
export interface Position {
  readonly xid: bigint;
  readonly seq: number;
}

export const logStart: Position = { xid: 0n, seq: 0 };

const largestXid = 2n ** 64n - 1n;

export function formatPosition({ xid, seq }: Position): string {
  return `${xid}.${seq}`;
}

/** The position of a text; undefined for what is none. */
export function parsePosition(text: string): Position | undefined {
  const [, xid = '', seq = ''] = /^(\d{1,20})\.(\d{1,15})$/.exec(text) ?? [];
  if (xid === '' || BigInt(xid) > largestXid) return undefined;
  return { xid: BigInt(xid), seq: Number(seq) };
}

export function isAfter(a: Position, b: Position): boolean {
  return a.xid === b.xid ? a.seq > b.seq : a.xid > b.xid;
}

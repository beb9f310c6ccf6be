import type { Logger } from '../log.ts';
import type { NewEntry } from './entry.ts';

/** At most one entry in this time, so that a flood fills no disk. The first attempt after silence is written at once. */
const everyMs = 60_000;
/** Different addresses that one entry names; the others are only counted. */
const maxAddresses = 10;

interface Tally {
  readonly since: Date;
  attempts: number;
  others: number;
  readonly addresses: Map<string, number>;
}

/** Counts requests without a valid token, and makes one entry a minute of them. */
export function createAttempts(write: (entry: NewEntry) => Promise<void>, log: Logger) {
  let tally: Tally | undefined;
  let lastWritten = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function count(address: string): void {
    tally ??= { since: new Date(), attempts: 0, others: 0, addresses: new Map() };
    tally.attempts += 1;
    const known = tally.addresses.get(address);
    if (known !== undefined || tally.addresses.size < maxAddresses) tally.addresses.set(address, (known ?? 0) + 1);
    else tally.others += 1;
    timer ??= setTimeout(() => void flush(), Math.max(0, lastWritten + everyMs - Date.now())).unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const written = tally;
    if (!written) return;
    tally = undefined;
    lastWritten = Date.now();
    try {
      await write(entryOf(written));
    } catch (error) {
      log.error({ error, attempts: written.attempts }, 'no audit entry of unauthenticated requests');
    }
  }

  return { count, flush };
}

function entryOf({ since, attempts, others, addresses }: Tally): NewEntry {
  return {
    principal_id: null,
    principal_name: 'unauthenticated',
    tool: 'http',
    effect: 'read',
    outcome: 'UNAUTHENTICATED',
    subject: null,
    input_hmac: null,
    detail: { attempts, since: since.toISOString(), addresses: Object.fromEntries(addresses), other_addresses: others },
  };
}

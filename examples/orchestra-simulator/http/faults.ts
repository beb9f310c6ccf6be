/** A fault, such as `429 retry-after=2`, `slow=500`, `cut`, `fuzz=17` or `no-range`; the README has the list. */
export interface Fault {
  readonly name: string;
  readonly value: string;
}

/** Reads `name=value` pairs that commas separate. */
function parseFaults(text: string): Fault[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', ...value] = one.split('=');
      return { name, value: value.join('=') };
    });
}

interface Planned {
  readonly faults: readonly Fault[];
  /** Only requests whose method and path hold this text. */
  readonly match: string;
  times: number;
}

export interface FaultPlan {
  /** Lets the next `times` requests that match fail in this way. */
  add(faults: string, times?: number, match?: string): void;
  clear(): void;
  /** The faults of one request: those of its header, and the first that was planned for it. */
  take(method: string, path: string, header: string | undefined): readonly Fault[];
}

export function createFaultPlan(): FaultPlan {
  let planned: Planned[] = [];
  return {
    add(faults, times = 1, match = '') {
      planned.push({ faults: parseFaults(faults), times, match });
    },
    clear() {
      planned = [];
    },
    take(method, path, header) {
      const next = planned.find(({ match }) => `${method} ${path}`.includes(match));
      if (next) {
        next.times -= 1;
        planned = planned.filter(({ times }) => times > 0);
      }
      return [...parseFaults(header ?? ''), ...(next?.faults ?? [])];
    },
  };
}

/** What there is on the server now, and what stands for the placeholders of a request. */
export interface Live {
  add(kind: string, ...values: string[]): void;
  /** Keeps values from being learned, so that no request takes away what stands for them. */
  spare(...values: string[]): void;
  /** Picks up ids, cursors and URLs from an answer, so that later requests go deeper. */
  learn(text: string): void;
  /** The bytes with `{{kind:n}}` replaced by the n-th of its kind, counted round. */
  fill(bytes: Buffer): Buffer;
}

const patterns: Readonly<Record<string, RegExp>> = {
  dataset: /\bds_[0-9a-z]{26}\b/g,
  job: /\bjob_[0-9a-z]{26}\b/g,
  webhook: /\bwh_[0-9a-z]{26}\b/g,
  hook: /(?<=\/hooks\/)wh_[0-9a-z]{26}\b/g,
  delivery: /\bdlv_[0-9a-z]{26}\b/g,
  event: /\bevt_[0-9a-z]{26}\b/g,
  'orchestra-run': /(?<=pipeline_run_id\\?":\\?")[0-9a-f-]{36}/g,
  'orchestra-task': /(?<=task_run_id\\?":\\?")[0-9a-f-]{36}/g,
  'orchestra-pipeline': /(?<="pipeline_id\\?":\\?")[0-9a-f-]{36}/g,
  'orchestra-start': /\bstart_[0-9a-z]{26}\b/g,
  page: /(?<=next_page\\?":\\?")[\w.-]+/g,
  position: /(?<=next\\?":\\?")\d+\.\d+/g,
  upload: /(?<=url\\?":\\?"http:\/\/[\w.:]+)\/objects\/uploads\/[^"\\]+/g,
};
/** The first ones are of the start and stay; the newest of the others are kept. */
const [kept, most] = [20, 300];

/** An empty pool. */
export function createLive(): Live {
  const values = new Map<string, string[]>();
  const spared = new Set<string>();

  function add(kind: string, ...more: string[]): void {
    const known = values.get(kind) ?? [];
    values.set(kind, known);
    for (const value of more) if (!known.includes(value)) known.push(value);
    if (known.length > most) known.splice(kept, known.length - most);
  }

  function valueAt(kind: string, index: number): string {
    if (kind === 'upload-type') return new URL(valueAt('upload', index), 'http://x').searchParams.get('type') ?? '';
    const known = values.get(kind) ?? [];
    return known[index % known.length] ?? 'none';
  }

  return {
    add,
    spare: (...more) => more.forEach((value) => void spared.add(value)),
    learn(text) {
      for (const [kind, pattern] of Object.entries(patterns)) {
        const found = (text.match(pattern) ?? []).filter((value) => !spared.has(value));
        add(kind, ...found.slice(0, 20));
      }
    },
    fill(bytes) {
      if (!bytes.includes('{{')) return bytes;
      const filled = bytes
        .toString('latin1')
        .replace(/\{\{([a-z-]+):(\d+)\}\}/g, (_, kind: string, index: string) => valueAt(kind, Number(index)));
      return Buffer.from(filled, 'latin1');
    },
  };
}

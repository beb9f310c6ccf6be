/** What a script has used in all. The last four are of its network and of disks, and 0 where those are not told. */
export interface Usage {
  readonly cpu_seconds: number;
  readonly memory_peak_bytes: number;
  readonly network_rx_bytes: number;
  readonly network_tx_bytes: number;
  readonly disk_read_bytes: number;
  readonly disk_write_bytes: number;
}

/** What the script says of itself on a stream, between the bytes of its commands. */
export type Marker =
  | { readonly kind: 'begin'; readonly step: number; readonly uptime: number }
  | { readonly kind: 'end'; readonly step: number; readonly code: number; readonly uptime: number }
  | { readonly kind: 'final'; readonly code: number; readonly usage: Usage; readonly uptime: number };

export interface StreamSink {
  /** Bytes in order. They belong to the step whose marker came last; before the first one to whatever that tells. */
  data(bytes: Buffer): void;
  marker(marker: Marker): void;
}

export interface MarkerParser {
  push(chunk: Buffer): void;
  /** The stream ended: what looked like the beginning of a marker was output. */
  end(): void;
}

const separator = 0x1e;
/** A marker is shorter, whatever its figures. */
const maxMarker = 240;

/**
 * Finds the markers with this token in a stream, however it is cut into chunks. What only looks like one is output: another token,
 * bad figures, or a step that is already over. A log that lost its beginning may begin with any step.
 */
export function createMarkerParser(token: string, sink: StreamSink): MarkerParser {
  const prefix = Buffer.from(`\x1e${token} `);
  let rest: Buffer = Buffer.alloc(0);
  let step = -1;
  let open = false;
  let over = false;
  /** A marker ends with a newline, which a log may have lost. */
  let newline = false;

  const accept = (marker: Marker | undefined): marker is Marker => {
    if (!marker || over) return false;
    if (marker.kind === 'final') over = true;
    else if (marker.kind === 'begin' ? marker.step <= step : marker.step < step || (marker.step === step && !open))
      return false;
    else step = marker.step;
    open = marker.kind === 'begin';
    return true;
  };

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        if (newline && rest.length > 0) {
          if (rest[0] === 0x0a) rest = rest.subarray(1);
          newline = false;
        }
        const at = rest.indexOf(prefix);
        if (at < 0) {
          const kept = beginning(rest, prefix);
          if (rest.length > kept) sink.data(rest.subarray(0, rest.length - kept));
          rest = rest.subarray(rest.length - kept);
          return;
        }
        if (at > 0) sink.data(rest.subarray(0, at));
        rest = rest.subarray(at);
        const end = rest.indexOf(separator, prefix.length);
        if (end < 0 && rest.length < maxMarker) return;
        const whole = end > 0 && end < maxMarker;
        const marker = whole ? parseMarker(rest.toString('latin1', prefix.length, end)) : undefined;
        if (accept(marker)) {
          sink.marker(marker);
          rest = rest.subarray(end + 1);
          newline = true;
        } else {
          sink.data(rest.subarray(0, 1));
          rest = rest.subarray(1);
        }
      }
    },
    end() {
      if (rest.length > 0) sink.data(rest);
      rest = Buffer.alloc(0);
    },
  };
}

/** How many bytes at the end may be the beginning of the prefix. */
function beginning(bytes: Buffer, prefix: Buffer): number {
  const from = bytes.lastIndexOf(separator);
  if (from < 0 || bytes.length - from >= prefix.length) return 0;
  return bytes.subarray(from).equals(prefix.subarray(0, bytes.length - from)) ? bytes.length - from : 0;
}

function parseMarker(text: string): Marker | undefined {
  const [kind, ...words] = text.split(' ');
  const figures = words.map(Number);
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = figures;
  if (words.some((word) => word === '') || figures.some((figure) => !Number.isFinite(figure) || figure < 0))
    return undefined;
  const count = figures.length;
  if (kind === 'b' && count === 2 && Number.isSafeInteger(a)) return { kind: 'begin', step: a, uptime: b };
  if (kind === 'e' && count === 3 && Number.isSafeInteger(a) && isCode(b))
    return { kind: 'end', step: a, code: b, uptime: c };
  // A script that an earlier release sent tells no more than processor and memory.
  if (kind === 'f' && (count === 4 || count === 8) && isCode(a)) {
    const [rx = 0, tx = 0, read = 0, write = 0] = figures.slice(3, -1);
    const usage = {
      cpu_seconds: b / 1e9,
      memory_peak_bytes: c,
      network_rx_bytes: rx,
      network_tx_bytes: tx,
      disk_read_bytes: read,
      disk_write_bytes: write,
    };
    return { kind: 'final', code: a, usage, uptime: figures.at(-1) ?? 0 };
  }
  return undefined;
}

function isCode(value: number): boolean {
  return Number.isSafeInteger(value) && value <= 255;
}

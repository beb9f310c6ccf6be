import type { Measure } from '../../../core/telemetry/measure.ts';

/** A tool of a downstream server as that server describes it. Every text in it comes from outside. */
export interface DownstreamTool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** JSON Schema of the structured answer, where it declares one. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: {
    readonly readOnlyHint?: boolean;
    readonly idempotentHint?: boolean;
    readonly destructiveHint?: boolean;
  };
}

export type DownstreamFailure =
  /** It cannot be had: its command does not start, its URL does not answer, it refuses our credentials. */
  | 'unreachable'
  | 'timeout'
  /** The tool itself says that it failed. */
  | 'tool_error'
  /** What came back is no answer by the protocol, too large, or misses the tool's output schema. */
  | 'bad_answer'
  | 'no_tool'
  | 'breaker_open'
  /** The connection ended after the call was sent and before its answer came. */
  | 'closed_in_flight'
  | 'canceled';

/** Why a call failed. `message` holds words of the server, redacted and cut: it travels as untrusted text. */
export class DownstreamError extends Error {
  readonly kind: DownstreamFailure;
  /** Whether the call may have arrived. */
  readonly sent: boolean;
  /** What to do about it, in our own words. */
  readonly suggestion: string | undefined;

  constructor(kind: DownstreamFailure, message: string, sent: boolean, suggestion?: string) {
    super(message);
    this.name = 'DownstreamError';
    this.kind = kind;
    this.sent = sent;
    this.suggestion = suggestion;
  }
}

export interface CallOptions {
  /** By default the timeout of the server. Counts from the sending; progress begins it anew, up to the server's maximum. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `fraction` is 0 to 1 where the server gives a total, else undefined. */
  readonly onProgress?: ((fraction: number | undefined, message: string | undefined) => void) | undefined;
  /** Travels in `_meta` as `tutti/idempotency-key`. */
  readonly idempotencyKey?: string | undefined;
  /** Called once, just before the call is handed to the connection: from here on it may arrive. */
  readonly onSend?: (() => void) | undefined;
}

export interface ServerStatus {
  readonly name: string;
  readonly transport: 'stdio' | 'http';
  /** `idle` is not connected and nothing against it; `down` failed last; `breaker_open` is not tried for now. */
  readonly state: 'idle' | 'connecting' | 'connected' | 'down' | 'breaker_open';
  /** Calls under way, and calls that wait for a place. */
  readonly active: number;
  readonly waiting: number;
  /** How many tools it offered when it was last asked; undefined when it never was. */
  readonly tools: number | undefined;
  readonly connectedAt: string | undefined;
  /** Why it failed last, and when; gone once a call succeeds. Untrusted text. */
  readonly lastError: { readonly kind: DownstreamFailure; readonly message: string; readonly at: string } | undefined;
}

/** The MCP servers that the operator declared, each behind one shared connection of this process. */
export interface Downstream {
  /**
   * Calls a tool and answers its result: structured content (unwrapped), else JSON of its text, else the text.
   * Throws `DownstreamError`; `NOT_FOUND` for a server that nobody declared.
   */
  call(server: string, tool: string, args: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>;
  /** Its tools, from the cache where it was ever reached; connects otherwise, and with `refresh` in any case. */
  tools(server: string, refresh?: boolean): Promise<readonly DownstreamTool[]>;
  /** Names of all that are declared. */
  names(): Promise<readonly string[]>;
  status(): readonly ServerStatus[];
  /** Whether the server annotates the tool as reading only or idempotent. False for what is not known. */
  isIdempotent(server: string, tool: string): boolean;
  /** Whether answers of a tool are held to its output schema. False for what is not known, and for a schema that cannot be used. */
  checksOutput(server: string, tool: string): boolean;
  measures(): readonly Measure[];
  start(): Promise<void>;
  close(): Promise<void>;
}

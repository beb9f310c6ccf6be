import type { JsonValue } from '../integrity/parse-strict.ts';
import type { Format } from './format.ts';
import type { NeutralConfig, NeutralInput, NeutralServer } from './neutral.ts';

export type JsonObject = { [name: string]: JsonValue };
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where a text of a server stands. */
export type Place = 'command' | 'args' | 'cwd' | 'env' | 'url' | 'headers' | 'description';

/** What a family's facts rest on, the firmest first. */
export type Evidence = 'real-client' | 'published-schema' | 'vendor-docs' | 'third-party';

/** One version of the schema of a client's format. What was published under a version never changes. */
export interface FamilySchema {
  /** Semantic version of the schema. */
  readonly version: string;
  /** Where it is served for good: `/schemas/<client>/<version>`. */
  readonly schema_ref: string;
  /** The versions of the client that read it. */
  readonly version_range: string;
  /** JSON Schema 2020-12 of the payload. */
  readonly schema: JsonSchema;
  readonly deprecated_at?: string;
}

/** What a client's format can say. What is missing here is a loss of every configuration that uses it. */
export interface Expresses {
  readonly transports: readonly NeutralServer['transport'][];
  /** Where the value of an input may go. */
  readonly inputs: readonly Place[];
  /** Whether an input's default can be written. */
  readonly defaults: boolean;
  readonly cwd: boolean;
  readonly timeout: 'ms' | 's' | false;
  /** Whether a server can be known and switched off. */
  readonly enabled: boolean;
  readonly tools: { readonly allow: boolean; readonly deny: boolean };
  /** Whether it keeps a description; where not, none is lost: it is no setting. */
  readonly description: boolean;
}

/** A kind of client: what it reads and what is known of it. */
export interface Family {
  readonly client_id: string;
  readonly title: string;
  /** `neutral`: drafts are neutral and rendered. `opaque`: drafts are payloads. */
  readonly form: 'neutral' | 'opaque';
  readonly format: Format;
  /** The newest one last. */
  readonly schemas: readonly FamilySchema[];
  readonly capabilities: readonly string[];
  readonly evidence: Evidence;
  /** Required keys and known limitations. */
  readonly notes: readonly string[];
  /** Undefined for what is opaque. */
  readonly expresses?: Expresses;
  /** Where clients keep it, for people to read. No artifact names a path. */
  readonly targets: readonly string[];
}

/** Something that a configuration says and the rendered one does not. An error must not be released. */
export interface Loss {
  /** Into the neutral configuration. */
  readonly pointer: string;
  readonly feature: string;
  readonly why: string;
  readonly severity: 'error' | 'warning';
}

export interface Rendered {
  /** What the client gets by parsing `text`. */
  readonly payload: JsonValue;
  /** What is to be written, to the letter. */
  readonly text: string;
  readonly format: Format;
  readonly losses: readonly Loss[];
}

/** How a client writes variables. */
export interface Dialect {
  /** All that the client, or some version of it, would take for a variable; global. Undefined: it knows none. */
  readonly expands: RegExp | undefined;
  /** How an input stands in a text. Undefined where the client has no way to. */
  variable?(input: NeutralInput, withDefault: boolean): string | undefined;
  /** Why an input has none. */
  readonly refusal?: string;
  /** What can be passed on by the name of an environment variable, where it is one input and nothing else. */
  readonly forwards?: 'env' | 'env-and-headers';
}

/** A server whose texts are the client's own, with what the client cannot express left out. */
export interface WrittenServer {
  readonly name: string;
  readonly transport: NeutralServer['transport'];
  /** For stdio. */
  readonly command: string;
  readonly args: string[];
  readonly cwd?: string;
  readonly env: Record<string, string>;
  /** For http and sse. */
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Passed on by name: the key → the environment variable that holds the value; `bearer` for `Authorization: Bearer …`. */
  readonly forwarded: {
    readonly env: Record<string, string>;
    readonly headers: Record<string, string>;
    readonly bearer?: string;
  };
  /** The only ones that may show, or else those that may not. */
  readonly tools: { readonly allow?: string[]; readonly deny?: string[] };
  readonly enabled: boolean;
  /** In the client's unit. */
  readonly timeout?: number;
  readonly description?: string;
}

/** A family that Tutti renders. */
export interface BuiltInFamily extends Family {
  readonly form: 'neutral';
  readonly expresses: Expresses;
  readonly dialect: Dialect;
  /** A policy tells servers apart by these places alone: what else stands in a server is no part of it, and not lost. */
  readonly identity?: readonly Place[];
  /** The document that holds these servers. */
  document(servers: readonly WrittenServer[], config: NeutralConfig): JsonObject;
  /** What the schema cannot say and the client insists on. */
  rules?(payload: JsonValue): readonly { readonly pointer: string; readonly message: string }[];
  /** Losses besides those that follow from `expresses`. */
  losses?(config: NeutralConfig): readonly Loss[];
}

/** What a file of a client states; what it can follows from what it expresses. */
export type FamilyFacts = Omit<BuiltInFamily, 'capabilities'>;

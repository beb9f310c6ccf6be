import { z } from 'zod';
import type { Authority } from './auth/authority.ts';
import type { Principal } from './auth/principal.ts';
import type { ToolFace } from './catalogue.ts';
import type { Db } from './db/database.ts';
import type { HumanAnswer, Question } from './elicit.ts';
import type { Cause } from './events/cause.ts';

export const toolsets = ['system', 'lake', 'ops', 'workflows', 'orchestra', 'config'] as const;
export type Toolset = (typeof toolsets)[number];

/** What a tool does to the world. It yields the MCP annotations, the prompt of the command line and the read-only mode. */
export type Effect = 'read' | 'write' | 'destroy';

/** What a running tool may use besides the stores that its factory was given. */
export interface ToolContext {
  readonly principal: Principal;
  /** With what a job acts that this call starts. */
  readonly authority: Authority;
  /** For `write` and `destroy` one transaction that commits when `run` returns; for `read` the pool. */
  readonly db: Db;
  /** Fires when the caller gave up. */
  readonly signal: AbortSignal;
  /** Tells a caller that waits how far the work is, from 0 to 1. Never the last thing before `run` returns. */
  readonly progress: (fraction: number, message: string) => void;
  readonly tools: ReachableTools;
  /** What led to the call; absent where somebody simply made it. */
  readonly cause?: Cause;
  /** Ends the call with a question to the human behind it; for `settle` alone. Absent where the caller asks nobody. */
  readonly elicit?: (question: Question) => never;
  /** What the human answered, where this call brings it. */
  readonly answer?: HumanAnswer;
}

/** All tools, as far as the scopes and the connection of the caller lead. */
export interface ReachableTools {
  faces(): ToolFace[];
  /** Calls one for the same caller, through the same checks as a call of its own. */
  call(name: string, input: unknown): Promise<Record<string, unknown>>;
}

type Fields = z.ZodRawShape;
type Output = z.ZodObject<Fields, z.core.$loose>;

/** The public face of one operation and its code. Nothing in it knows MCP, HTTP or the command line. */
export interface ToolDefinition<I extends Fields, O extends Output> {
  readonly name: string;
  readonly title: string;
  /** Begins with the system's name, says when to use a look-alike instead; under 2 KB. */
  readonly description: string;
  readonly toolset: Toolset;
  readonly effect: Effect;
  /** The scope that a caller needs, such as `lake:read`. */
  readonly scope: string;
  /** Listed at `/mcp`, the endpoint of the common path; all others are found by search. */
  readonly common?: boolean;
  /** Left out of the toolset's description for GPT Actions, which take 30 operations. */
  readonly further?: boolean;
  /** It calls the tool that its input names, whose scope, effect and idempotency key count instead of its own. */
  readonly dispatches?: boolean;
  /** It answers while the database is away, from what this process knows, to callers whom it knows from before. */
  readonly fromMemory?: boolean;
  /** Former names, which still work. */
  readonly aliases?: readonly string[];
  readonly input: I;
  /** A loose object: fields and states may be added without breaking a caller. */
  readonly output: O;
  run(input: z.output<z.ZodObject<I, z.core.$strict>>, context: ToolContext): Promise<z.input<O>>;
  /**
   * For a tool that changes something and then waits for it: makes of the answer of `run` the one that the caller gets, once
   * the transaction has committed; `db` is the pool. A repeated call with the same idempotency key waits as well.
   */
  settle?(
    answer: z.input<O>,
    input: z.output<z.ZodObject<I, z.core.$strict>>,
    context: ToolContext,
  ): Promise<z.input<O>>;
  /** In place of `run`, for a call that brings the answer to what `settle` asked. */
  resume?(
    answer: HumanAnswer,
    input: z.output<z.ZodObject<I, z.core.$strict>>,
    context: ToolContext,
  ): Promise<z.input<O>>;
  /** What the audit keeps of the input as it stands; of all else it has a hash. */
  noted?(input: z.output<z.ZodObject<I, z.core.$strict>>): Readonly<Record<string, unknown>>;
  /** Calls that somebody could make, each with the answer to it: OpenAPI and its readers show them. */
  readonly examples?: readonly ToolExample<I, O>[];
}

export interface ToolExample<I extends Fields = Fields, O extends Output = Output> {
  readonly title: string;
  readonly input: z.input<z.ZodObject<I, z.core.$strict>>;
  readonly output: z.input<O>;
}

/** A tool as the registry sees it: the types of its fields are gone, its schemas are not. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: Toolset;
  readonly effect: Effect;
  readonly scope: string;
  readonly common: boolean;
  readonly further: boolean;
  readonly dispatches: boolean;
  readonly fromMemory: boolean;
  readonly aliases: readonly string[];
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly examples: readonly ToolExample[];
  run(input: Record<string, unknown>, context: ToolContext): Promise<Record<string, unknown>>;
  settle?(
    answer: Record<string, unknown>,
    input: Record<string, unknown>,
    context: ToolContext,
  ): Promise<Record<string, unknown>>;
  resume?(answer: HumanAnswer, input: Record<string, unknown>, context: ToolContext): Promise<Record<string, unknown>>;
  noted?(input: Record<string, unknown>): Readonly<Record<string, unknown>>;
}

const idempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('Makes repeats safe: the same key and input within 24 hours give the first answer again.');

/** Defines a tool. Every tool that changes something takes an `idempotency_key` besides its own input. */
export function tool<I extends Fields, O extends Output>(definition: ToolDefinition<I, O>): Tool {
  const { input, effect, dispatches = false } = definition;
  const fields = effect === 'read' || dispatches ? input : { ...input, idempotency_key: idempotencyKey };
  return {
    ...definition,
    common: definition.common ?? false,
    further: definition.further ?? false,
    dispatches,
    fromMemory: definition.fromMemory ?? false,
    aliases: definition.aliases ?? [],
    input: z.strictObject(fields),
    // The parsed input is what `run` declared, which the registry can no longer say.
    run: definition.run as Tool['run'],
    ...(definition.settle && { settle: definition.settle as NonNullable<Tool['settle']> }),
    ...(definition.resume && { resume: definition.resume as NonNullable<Tool['resume']> }),
    ...(definition.noted && { noted: definition.noted as NonNullable<Tool['noted']> }),
    examples: (definition.examples ?? []) as Tool['examples'],
  };
}

import type { z } from 'zod';
import type { Audit, AuditedCall } from './audit/audit.ts';
import { authorityOf, type Narrowing } from './auth/authority.ts';
import type { Principal } from './auth/principal.ts';
import { requireDatabaseFor } from './auth/remembered.ts';
import { sha256 } from './canonical.ts';
import type { Catalogue, ToolFace } from './catalogue.ts';
import { asUnavailable, type Db, inTransaction } from './db/database.ts';
import { once } from './db/idempotency.ts';
import { type HumanAnswer, NeedsAnswer } from './elicit.ts';
import { AppError, readOnlyServer } from './errors.ts';
import type { Cause } from './events/cause.ts';
import { setCause } from './events/store.ts';
import type { Logger } from './log.ts';
import { findUnstorable } from './storable.ts';
import { type Facts, type SpanOptions, traced } from './telemetry/trace.ts';
import type { TraceContext } from './telemetry/trace-context.ts';
import type { ReachableTools, Tool, ToolContext } from './tool.ts';

export interface Caller {
  readonly principal: Principal;
  readonly signal?: AbortSignal;
  /** Why the caller's connection does not lead to a tool; undefined where it does. Left out, it leads to all. */
  readonly refusal?: (face: ToolFace) => AppError | undefined;
  /** What the connection was narrowed to on purpose: jobs that it starts do no more either. */
  readonly narrowing?: Narrowing;
  /** Takes the progress of a call that waits. */
  readonly progress?: ToolContext['progress'];
  /** What led to the call, where somebody's doing did: all that it changes takes it over. */
  readonly cause?: Cause | undefined;
  /** Whether the human behind it can be asked: then a call may end with `NeedsAnswer`. */
  readonly elicits?: boolean;
  /** The answer to what an earlier call of the same ended with. */
  readonly answer?: HumanAnswer | undefined;
  /** How the call came in, and the trace that it belongs to; absent for one from inside the server. */
  readonly entry?: { readonly trace?: TraceContext | undefined; readonly facts: Facts } | undefined;
}

/** Calls a tool by its name, on behalf of somebody. Throws `AppError` for everything that the caller may be told. */
export type Invoke = (name: string, input: unknown, caller: Caller) => Promise<Record<string, unknown>>;

export interface InvokeSettings {
  readonly catalogue: Catalogue;
  readonly db: Db;
  readonly log: Logger;
  /** Throw when an output misses its schema. Tests do; production logs it, for the effect has happened. */
  readonly strictOutputs: boolean;
  /** Only tools that read are called. */
  readonly readOnly?: boolean;
  /** Notes what changes and what is denied; absent only where nothing is kept. */
  readonly audit?: Audit;
  /** Counts the calls: `ok`, or the code of the error. */
  readonly measure?: (tool: string, outcome: string, seconds: number) => void;
}

/** The one way in, for every surface: find → authorise → parse → run → audit → check the output → log and measure. */
export function createInvoke(settings: InvokeSettings): Invoke {
  const { catalogue, db, log, strictOutputs, readOnly = false, audit, measure } = settings;
  const invoke: Invoke = async (name, rawInput, caller) => {
    const entry = catalogue.find(name);
    if (!entry) throw unknownTool(name);
    return traced(`execute_tool ${entry.tool.name}`, spanOptions(entry.tool, caller), () =>
      callTool(entry, rawInput, caller),
    );
  };
  return invoke;

  async function callTool(
    { tool, face }: { tool: Tool; face: ToolFace },
    rawInput: unknown,
    caller: Caller,
  ): Promise<Record<string, unknown>> {
    const started = performance.now();
    const call: AuditedCall = { tool, principal: caller.principal, input: rawInput };
    // Whether the audit needs no word of a failure: the change is noted, or the tool that was called notes its own.
    let noted = false;
    const done = (outcome: string) => {
      const ms = performance.now() - started;
      measure?.(tool.name, outcome, ms / 1000);
      log.debug({ tool: tool.name, principal: caller.principal.id, outcome, ms }, 'call');
    };
    try {
      const refused = caller.refusal?.(face);
      if (refused) throw refused;
      if (!tool.dispatches) requireDatabaseFor(caller.principal, tool);
      authorise(tool, caller.principal);
      if (readOnly && tool.effect !== 'read' && !tool.dispatches) throw readOnlyServer();
      const input = parse(tool, rawInput);
      noted = tool.dispatches;
      const changed = await run(tool, input, caller, call);
      noted = true;
      const output = tool.settle ? await tool.settle(changed, input, { ...contextOf(caller), db }) : changed;
      checkOutput(tool, output);
      done('ok');
      return output;
    } catch (thrown) {
      if (thrown instanceof NeedsAnswer) {
        done('question');
        throw thrown;
      }
      const error = gaveUp(thrown, caller.signal) ?? asUnavailable(thrown);
      done(error instanceof AppError ? error.code : 'INTERNAL');
      if (!(error instanceof AppError)) log.error({ tool: tool.name, error }, 'a tool failed');
      if (!noted) await audit?.failed(call, error);
      throw error;
    }
  }

  function reachable(caller: Caller): ReachableTools {
    const { principal, refusal } = caller;
    // Within the span of this call, however that one came in.
    const inner: Caller = { ...caller, entry: undefined };
    return {
      faces: () => catalogue.faces.filter((face) => principal.scopes.has(face.scope) && !refusal?.(face)),
      call: (name, input) => invoke(name, input, inner),
    };
  }

  function contextOf(caller: Caller): Omit<ToolContext, 'db'> {
    const { principal } = caller;
    return {
      principal,
      authority: authorityOf(principal, caller.narrowing),
      signal: caller.signal ?? new AbortController().signal,
      progress: caller.progress ?? (() => undefined),
      tools: reachable(caller),
      ...(caller.cause && { cause: caller.cause }),
      ...(caller.answer && { answer: caller.answer }),
      ...(caller.elicits && {
        elicit: (question) => {
          throw new NeedsAnswer(question);
        },
      }),
    };
  }

  function run(
    tool: Tool,
    input: Record<string, unknown>,
    caller: Caller,
    call: AuditedCall,
  ): Promise<Record<string, unknown>> {
    const { principal } = caller;
    const context = contextOf(caller);
    // A tool that calls another leaves the transaction to that one.
    if (tool.effect === 'read' || tool.dispatches) return tool.run(input, { ...context, db });
    const { idempotency_key: key, ...rest } = input;
    const { answer } = caller;
    return inTransaction(db, async (tx) => {
      if (caller.cause) await setCause(tx, caller.cause);
      let ran = false;
      const work = () => {
        ran = true;
        return answer && tool.resume
          ? tool.resume(answer, rest, { ...context, db: tx })
          : tool.run(rest, { ...context, db: tx });
      };
      // An answer is not the call that it belongs to, though it has its key.
      const output =
        typeof key === 'string' && !(answer && tool.resume)
          ? await once(tx, { principal: principal.id, tool: tool.name, key, inputHash: sha256(rest) }, work)
          : await work();
      const detail = { ...tool.noted?.(rest), ...(!ran && { repeated: true }) };
      await audit?.changed(tx, call, output, Object.keys(detail).length > 0 ? detail : undefined);
      return output;
    });
  }

  function checkOutput(tool: Tool, output: unknown): void {
    const checked = tool.output.safeParse(output);
    if (checked.success) return;
    const issues = describeIssues(checked.error);
    if (strictOutputs) throw new Error(`output of ${tool.name} misses its schema: ${JSON.stringify(issues)}`);
    log.error({ tool: tool.name, issues }, 'an output misses its schema');
  }
}

/** By OpenTelemetry's conventions for tools of generative AI, as far as those go. */
function spanOptions({ name, effect }: Tool, { principal, entry }: Caller): SpanOptions {
  const facts = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'tutti.tool.effect': effect,
    'enduser.id': principal.id,
    ...entry?.facts,
  };
  return entry ? { kind: 'server', parent: entry.trace, facts } : { facts };
}

/** Whoever is gone is no fault of the tool. */
function gaveUp(thrown: unknown, signal: AbortSignal | undefined): AppError | undefined {
  if (!signal?.aborted || thrown !== signal.reason) return undefined;
  return new AppError('CANCELED', 'The caller gave up.', 'Call again, with the same idempotency_key if you gave one.');
}

function authorise(tool: Tool, principal: Principal): void {
  if (principal.scopes.has(tool.scope)) return;
  throw new AppError(
    'FORBIDDEN',
    `This token lacks the scope ${tool.scope}, which ${tool.name} needs.`,
    `Ask the operator for a token with it: tutti token create <name> --grant ${tool.scope}`,
    { required_scope: tool.scope },
  );
}

function parse(tool: Tool, input: unknown): Record<string, unknown> {
  const unstorable = findUnstorable(input);
  const parsed = unstorable ? undefined : tool.input.safeParse(input ?? {});
  if (parsed?.success) return parsed.data;
  throw new AppError(
    'VALIDATION_FAILED',
    `The input of ${tool.name} is not valid.`,
    `Correct the fields in details.issues; ${tool.name} takes: ${Object.keys(tool.input.shape).join(', ')}.`,
    { issues: unstorable ? [unstorable] : parsed ? describeIssues(parsed.error) : [] },
  );
}

function describeIssues(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message.slice(0, 300),
  }));
}

export function unknownTool(name: string): AppError {
  return new AppError(
    'UNKNOWN_TOOL',
    `There is no tool called ${JSON.stringify(name.slice(0, 100))}.`,
    'List the tools of this endpoint (tools/list, GET /openapi.json or `tutti tools`) and call one of them.',
  );
}

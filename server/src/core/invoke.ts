import type { z } from 'zod';
import type { Principal } from './auth/principal.ts';
import { sha256 } from './canonical.ts';
import type { Catalogue } from './catalogue.ts';
import { asUnavailable, type Db, inTransaction } from './db/database.ts';
import { once } from './db/idempotency.ts';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';
import { findUnstorable } from './storable.ts';
import type { Tool } from './tool.ts';

export interface Caller {
  readonly principal: Principal;
  readonly signal?: AbortSignal;
}

/** Calls a tool by its name, on behalf of somebody. Throws `AppError` for everything that the caller may be told. */
export type Invoke = (name: string, input: unknown, caller: Caller) => Promise<Record<string, unknown>>;

export interface InvokeSettings {
  readonly catalogue: Catalogue;
  readonly db: Db;
  readonly log: Logger;
  /** Throw when an output misses its schema. Tests do; production logs it, for the effect has happened. */
  readonly strictOutputs: boolean;
}

/** The one way in, for every surface: find → authorise → parse → run → check the output → log. */
export function createInvoke({ catalogue, db, log, strictOutputs }: InvokeSettings): Invoke {
  return async (name, rawInput, caller) => {
    const started = performance.now();
    const entry = catalogue.find(name);
    if (!entry) throw unknownTool(name);
    const { tool } = entry;
    const done = (outcome: string) =>
      log.debug({ tool: tool.name, principal: caller.principal.id, outcome, ms: performance.now() - started }, 'call');
    try {
      authorise(tool, caller.principal);
      const output = await run(tool, parse(tool, rawInput), caller);
      checkOutput(tool, output);
      done('ok');
      return output;
    } catch (thrown) {
      const error = asUnavailable(thrown);
      done(error instanceof AppError ? error.code : 'INTERNAL');
      if (!(error instanceof AppError)) log.error({ tool: tool.name, error }, 'a tool failed');
      throw error;
    }
  };

  function run(tool: Tool, input: Record<string, unknown>, caller: Caller): Promise<Record<string, unknown>> {
    const { principal } = caller;
    const signal = caller.signal ?? new AbortController().signal;
    if (tool.effect === 'read') return tool.run(input, { principal, db, signal });
    const { idempotency_key: key, ...rest } = input;
    return inTransaction(db, (tx) => {
      const work = () => tool.run(rest, { principal, db: tx, signal });
      if (typeof key !== 'string') return work();
      return once(tx, { principal: principal.id, tool: tool.name, key, inputHash: sha256(rest) }, work);
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

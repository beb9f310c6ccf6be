import type { Principal } from '../../../core/auth/principal.ts';
import { expandGrants } from '../../../core/auth/principal.ts';
import type { Catalogue } from '../../../core/catalogue.ts';
import { AppError } from '../../../core/errors.ts';
import type { Cause } from '../../../core/events/cause.ts';
import type { Invoke } from '../../../core/invoke.ts';
import type { Envelope } from '../definition/envelope.ts';
import { isObject } from '../definition/json.ts';
import { type Downstream, DownstreamError, type DownstreamFailure } from '../downstream/types.ts';
import { inDoubt, StateFailure } from '../machine/failure.ts';
import type { MachineNeeds, TaskCall } from '../machine/needs.ts';

/** The name by which a definition calls our own tools. */
const ownServer = 'tutti';
const askAgainMs = 2000;

export interface CallNeeds {
  readonly downstream: Pick<Downstream, 'call' | 'isIdempotent'>;
  /** Our own tools, asked for once a run calls one. */
  readonly catalogue: () => Catalogue;
  readonly invoke: Invoke;
}

export interface Caller {
  /** Who the run acts as, with what it may do now. */
  principal(): Promise<Principal>;
  readonly envelope: Pick<Envelope, 'scopes' | 'idempotent'>;
  readonly cause: Cause;
}

/** How a run calls: servers of the operator over MCP, our own tools as its principal, within the scopes of its definition. */
export function createCalls(
  { downstream, invoke, catalogue }: CallNeeds,
  { principal, envelope, cause }: Caller,
): Pick<MachineNeeds, 'callTask' | 'isIdempotent'> {
  const declared = new Set(envelope.idempotent);
  const { scopes } = expandGrants(envelope.scopes);
  let askedAt = Number.NEGATIVE_INFINITY;

  /** Whether the run may still do anything: asked again after a moment, for our own tools each time. */
  async function allowed(): Promise<void> {
    if (performance.now() - askedAt < askAgainMs) return;
    await principal();
    askedAt = performance.now();
  }

  return {
    // What changes something of ours is kept by its idempotency key.
    isIdempotent: (server, tool) =>
      server === ownServer || declared.has(`${server}/${tool}`) || downstream.isIdempotent(server, tool),
    async callTask(call) {
      if (!isObject(call.args)) {
        throw new StateFailure('States.QueryEvaluationError', 'Arguments did not come to an object.');
      }
      try {
        if (call.server === ownServer) return await callOwn(call, await principal());
        await allowed();
        return await callOther(call, call.args);
      } catch (error) {
        throw asFailure(error);
      }
    },
  };

  async function callOwn({ tool, args, signal, timeoutMs, idempotencyKey }: TaskCall, acting: Principal) {
    const known = catalogue().find(tool)?.tool;
    if (known?.dispatches) {
      throw new StateFailure('Tutti.FORBIDDEN', `Call the tool itself, not by ${tool}.`, { ofCall: true });
    }
    const key = known && known.effect !== 'read' ? { idempotency_key: idempotencyKey } : {};
    const late = AbortSignal.timeout(timeoutMs);
    const within: Principal = { ...acting, scopes: new Set([...acting.scopes].filter((scope) => scopes.has(scope))) };
    try {
      const caller = { principal: within, signal: AbortSignal.any([signal, late]), cause };
      return await invoke(tool, { ...(args as object), ...key }, caller);
    } catch (error) {
      if (late.aborted && !signal.aborted) throw timedOut();
      throw error;
    }
  }

  async function callOther(
    { server, tool, signal, timeoutMs, idempotencyKey }: TaskCall,
    args: Record<string, unknown>,
  ) {
    try {
      return await downstream.call(server, tool, args, { timeoutMs, signal, idempotencyKey });
    } catch (error) {
      if (!(error instanceof DownstreamError)) throw error;
      const repeatable = declared.has(`${server}/${tool}`) || downstream.isIdempotent(server, tool);
      throw new StateFailure(nameOf(error, repeatable), error.message, { ofCall: true });
    }
  }
}

const names: Readonly<Record<Exclude<DownstreamFailure, 'closed_in_flight'>, string>> = {
  unreachable: 'Tutti.Unreachable',
  timeout: 'States.Timeout',
  tool_error: 'States.TaskFailed',
  bad_answer: 'Tutti.BadAnswer',
  no_tool: 'Tutti.ToolGone',
  breaker_open: 'Tutti.BreakerOpen',
  canceled: 'Tutti.Canceled',
};

function nameOf({ kind, sent }: DownstreamError, repeatable: boolean): string {
  if (kind !== 'closed_in_flight') return names[kind];
  return sent && !repeatable ? inDoubt : 'Tutti.ServerGone';
}

function timedOut(): StateFailure {
  return new StateFailure('States.Timeout', 'The tool did not answer in time.', { ofCall: true });
}

/** Errors of ours are `Tutti.<code>`; what is none is a fault of this server, and stays one. */
function asFailure(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const name = error.code === 'IN_DOUBT' ? inDoubt : `Tutti.${error.code}`;
  return new StateFailure(name, `${error.message} ${error.suggestion}`, { ofCall: true });
}

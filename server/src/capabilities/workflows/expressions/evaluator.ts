import { type EvaluatorProcess, memoryMb, startEvaluatorProcess } from './evaluator-process.ts';
import { type EvaluationRequest, type FromChild, QueryError } from './protocol.ts';
import { hasExpressions } from './template.ts';

export { type EvaluationRequest, QueryError } from './protocol.ts';

/** Evaluates the JSONata of templates, apart from this process. */
export interface Evaluator {
  /**
   * The template with its expressions replaced by their results; all of them travel in one message. Throws QueryError when
   * one fails or takes too much, and the signal's reason when it is aborted.
   */
  evaluate(request: EvaluationRequest, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

interface Waiting {
  readonly request: EvaluationRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  gone: boolean;
  retried: boolean;
}

export interface EvaluatorOptions {
  /** Processes that evaluate at the same time; each is started when the others are busy. */
  readonly processes?: number;
  /** Processor time that a request may take, in ms. */
  readonly milliseconds?: number;
  /** After so many ms the process is ended, whatever it does: what JSONata's own guard does not see. */
  readonly endAfter?: number;
}

/** Opens an evaluator. Its processes start when they are first needed. */
export function openEvaluator({
  processes = 2,
  milliseconds = 1000,
  endAfter = 10_000,
}: EvaluatorOptions = {}): Evaluator {
  const idle: EvaluatorProcess[] = [];
  const alive = new Set<EvaluatorProcess>();
  const used = new WeakSet<EvaluatorProcess>();
  const queue: Waiting[] = [];
  let count = 0;
  let closed = false;

  const start = (): EvaluatorProcess => {
    const made = startEvaluatorProcess(() => {
      alive.delete(made);
      const at = idle.indexOf(made);
      if (at >= 0) idle.splice(at, 1);
    });
    alive.add(made);
    return made;
  };

  const pump = () => {
    while (queue.length > 0) {
      const evaluator = idle.pop() ?? (alive.size < processes ? start() : undefined);
      if (!evaluator) return;
      const next = queue.shift() as Waiting;
      if (next.gone) idle.push(evaluator);
      else void serve(evaluator, next);
    }
  };

  const serve = async (evaluator: EvaluatorProcess, waiting: Waiting) => {
    let late = false;
    const fresh = !used.has(evaluator);
    used.add(evaluator);
    const timer = setTimeout(() => {
      late = true;
      evaluator.kill();
    }, endAfter);
    count += 1;
    const reply = await evaluator.ask({ id: count, request: waiting.request, milliseconds });
    clearTimeout(timer);
    if (reply && !evaluator.ended()) idle.push(evaluator);
    if (reply) settle(waiting, reply);
    else if (late) waiting.reject(new QueryError(`The expressions took more than ${endAfter} ms.`, 'time'));
    else if (closed) waiting.reject(new Error('The evaluator is closed.'));
    else if (evaluator.ended() === 'memory' && (fresh || waiting.retried))
      waiting.reject(new QueryError(`The expressions need more than ${memoryMb} MiB of memory.`, 'memory'));
    // Somebody else ended the process, or what it did before filled it: the expressions cannot be blamed the first time.
    else if (waiting.retried) waiting.reject(new QueryError('The process that evaluates ended by itself twice.'));
    else queue.unshift(Object.assign(waiting, { retried: true }));
    pump();
  };

  return {
    evaluate(request, signal) {
      if (closed) return Promise.reject(new Error('The evaluator is closed.'));
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      if (!hasExpressions(request.expressions)) return Promise.resolve(request.expressions);
      return new Promise((resolve, reject) => {
        const abort = () => {
          waiting.gone = true;
          reject(signal?.reason as Error);
        };
        const done = (settled: () => void) => {
          signal?.removeEventListener('abort', abort);
          settled();
        };
        const waiting: Waiting = {
          request,
          resolve: (value) => done(() => resolve(value)),
          reject: (error) => done(() => reject(error as Error)),
          gone: false,
          retried: false,
        };
        signal?.addEventListener('abort', abort, { once: true });
        queue.push(waiting);
        pump();
      });
    },
    close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Error('The evaluator is closed.'));
      for (const evaluator of alive) evaluator.kill();
      return Promise.resolve();
    },
  };
}

function settle(waiting: Waiting, reply: FromChild): void {
  if ('value' in reply) waiting.resolve(reply.value);
  else waiting.reject(new QueryError(reply.problem, reply.limit));
}

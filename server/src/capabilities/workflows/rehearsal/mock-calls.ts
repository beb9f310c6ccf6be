import { isObject } from '../definition/json.ts';
import { StateFailure } from '../machine/failure.ts';
import type { ApprovalPlace, ApprovalRequest, Approvals, MachineNeeds, TaskCall } from '../machine/needs.ts';
import type { Answer, Script } from './script.ts';

/** A call that the script says nothing of: a fault of the script, which nothing in the definition catches. */
export class NoAnswer extends Error {}

export interface MockCalls {
  readonly callTask: MachineNeeds['callTask'];
  readonly approvals: Approvals;
  /** How often each tool was called. */
  readonly counts: ReadonlyMap<string, number>;
}

/** The tool as which a script answers what is asked of people: a result approves, with its `by` and `values`. */
const approvalTool = 'tutti/request_approval';

/** Answers calls as a script says; `compute` replaces the expressions of an answer, which read the arguments. */
export function createMockCalls(
  script: Script,
  compute: (result: Answer['result'], args: unknown) => Promise<unknown>,
  now: () => Date,
): MockCalls {
  const counts = new Map<string, number>();
  const used = new Map<Answer, number>();
  const asked = new Map<string, ApprovalRequest>();

  function take(tool: string, args: unknown): Answer {
    counts.set(tool, (counts.get(tool) ?? 0) + 1);
    const found = script.answers[tool]?.find(
      (one) => (used.get(one) ?? 0) < (one.times ?? Number.POSITIVE_INFINITY) && holds(args, one.when),
    );
    if (!found)
      throw new NoAnswer(`There is no answer for a call of ${tool} with ${JSON.stringify(args)?.slice(0, 500)}.`);
    used.set(found, (used.get(found) ?? 0) + 1);
    return found;
  }

  return {
    counts,
    async callTask({ server, tool, args }: TaskCall) {
      const { error, cause, result } = take(`${server}/${tool}`, args);
      if (error !== undefined) throw new StateFailure(error, cause, { ofCall: true });
      return compute(result, args);
    },
    approvals: {
      open: (request) => void asked.set(keyOf(request), request),
      async look(place) {
        const key = keyOf(place);
        const request = asked.get(key);
        if (!request) return undefined;
        asked.delete(key);
        const { message, fields, approvers } = request;
        const args = { message, ...(fields && { fields }), approvers: [...approvers] };
        const { error, cause, result } = take(approvalTool, args);
        // Nobody answers: the state waits until it is too late.
        if (error === 'States.Timeout') return undefined;
        const given = error === undefined ? await compute(result, args) : {};
        const { by = 'somebody', values = {} } = isObject(given) ? given : {};
        const answer = { by: String(by), at: now().toISOString(), values: isObject(values) ? values : {} };
        return { ...answer, approved: error === undefined, ...(cause !== undefined && { comment: cause }) };
      },
      expire: async () => undefined,
      withdraw: () => undefined,
    },
  };
}

const keyOf = ({ path, generation, tries }: ApprovalPlace) => `${path}#${generation}.${tries}`;

/** Whether a value holds another: objects may have more fields, everything else is the same. */
function holds(value: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (isObject(wanted)) {
    return (
      isObject(value) &&
      Object.entries(wanted).every(([name, one]) => Object.hasOwn(value, name) && holds(value[name], one))
    );
  }
  if (Array.isArray(wanted)) {
    return Array.isArray(value) && value.length === wanted.length && wanted.every((one, at) => holds(value[at], one));
  }
  return value === wanted;
}

/** Why something happened: the event that led to it, how many did so one by one, and which triggers they passed. */
export type Cause = {
  readonly event_id: string;
  readonly depth: number;
  readonly via: readonly string[];
};

const maxDepth = 5;

/**
 * The cause of what `trigger` does about an event. Undefined when it must do nothing: the event came of this trigger's
 * own doing, or the chain is as long as chains may be.
 */
export function causeOf(event: { readonly id: string; readonly cause?: Cause }, trigger: string): Cause | undefined {
  const { depth = 0, via = [] } = event.cause ?? {};
  if (depth >= maxDepth || via.includes(trigger)) return undefined;
  return { event_id: event.id, depth: depth + 1, via: [...via, trigger] };
}

import type { Problem } from '../families/neutral.ts';
import type { Operation } from '../integrity/json-patch.ts';
import { documentBindings, lazy } from './bindings.ts';
import { type Condition, ConditionError, celTimestamp, toCel, type Variable } from './cel/condition.ts';
import { meter } from './cel/meter.ts';
import type { PolicySet, Rule } from './document.ts';
import { type Editor, edit } from './edit.ts';
import { look } from './facts.ts';
import type { Item, LookedAt } from './items.ts';
import { isObject, type Json, serversOf } from './servers.ts';

/** What rules see besides the document. Together with the set and the document it decides the outcome. */
export interface PolicyContext {
  readonly client: { readonly id: string; readonly version?: string | undefined; readonly form: 'neutral' | 'opaque' };
  readonly profile: string;
  readonly tags: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly now: string;
}

/** What a rule says of a place. */
export interface Verdict {
  readonly rule: string;
  readonly version: number;
  readonly pointer: string;
  readonly message: string;
}

/** What a rule changed, as a patch (RFC 6902) of the document as it was then. */
export interface Effect extends Verdict {
  readonly action: Rule['action'];
  readonly patch: readonly Operation[];
}

/** One evaluation under way: the document, and what came of it so far. */
export interface World {
  readonly neutral: boolean;
  readonly editor: Editor;
  readonly effects: Effect[];
  readonly denied: Verdict[];
  readonly unmet: Verdict[];
  readonly problems: Problem[];
  /** Whether rules may change the document: not when its result is judged. */
  changing: boolean;
  servers(): readonly LookedAt[];
  /** Whether a condition holds for an item. One that fails is a problem, and holds for nothing. */
  holds(rule: Rule, text: string | undefined, item: Item | undefined): boolean;
  /** Whether the condition of a rule uses a variable. */
  asks(rule: Rule, variable: Variable): boolean;
  /** Notes what a rule changed since the last note. */
  changed(rule: Rule, pointer: string, message: string): void;
  deny(rule: Rule, pointer: string, message: string): void;
  miss(rule: Rule, pointer: string, message: string): void;
  problem(problem: Problem): void;
}

/** Opens a copy of a document for an evaluation. */
export function openWorld(set: PolicySet, document: Json, neutral: boolean, context: PolicyContext): World {
  const editor = edit(structuredClone(document));
  let looked: { readonly at: number; readonly servers: readonly LookedAt[] } | undefined;
  const views = new Map<string, LookedAt>();
  let noted = 0;
  const rules = Object.fromEntries(set.rules.map(({ id, version }) => [id, version]));
  const fixed = lazy({
    client: () => toCel({ version: null, ...context.client }),
    profile: () => context.profile,
    tags: () => [...context.tags],
    claims: () => toCel(context.claims),
    now: () => celTimestamp(context.now),
    policy: () => toCel({ name: set.name, version: set.version, rules }),
  });
  const said = new Set<string>();
  const once = <T extends object>(list: T[], entry: T) => {
    const key = JSON.stringify(entry);
    if (!said.has(key)) list.push(entry);
    said.add(key);
  };
  const verdict = ({ id, version, message }: Rule, pointer: string, text: string): Verdict => ({
    rule: id,
    version,
    pointer,
    message: message ?? text,
  });

  const world: World = {
    neutral,
    editor,
    effects: [],
    denied: [],
    unmet: [],
    problems: [],
    changing: true,
    servers() {
      const at = editor.patch.length;
      if (looked?.at === at) return looked.servers;
      const inputs = isObject(editor.document) ? JSON.stringify(editor.document.inputs) : '';
      // Most rules leave most servers as they are.
      const servers = serversOf(editor.document, neutral).map((one) => {
        const key = JSON.stringify([one.pointer, one.raw, inputs]);
        const known = views.get(key) ?? { ...one, seen: look(one) };
        views.set(key, known);
        return known;
      });
      looked = { at, servers };
      return servers;
    },
    holds(rule, text, item) {
      meter().take();
      const condition: Condition | undefined = text === undefined ? undefined : set.conditions.get(text);
      if (!condition) return true;
      try {
        return condition.holds({ ...fixed, ...bindingsOf(item) });
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        const pointer = item?.pointer ?? '';
        world.problem({ pointer, message: `Rule ${rule.id}: ${error.message}`, severity: 'error' });
        return false;
      }
    },
    asks: (rule, variable) => rule.when !== undefined && set.conditions.get(rule.when)?.uses.has(variable) === true,
    changed(rule, pointer, message) {
      const patch = editor.patch.slice(noted);
      noted = editor.patch.length;
      if (patch.length > 0) world.effects.push({ ...verdict(rule, pointer, message), action: rule.action, patch });
    },
    deny: (rule, pointer, message) => once(world.denied, verdict(rule, pointer, message)),
    miss: (rule, pointer, message) => once(world.unmet, verdict(rule, pointer, message)),
    problem: (problem) => once(world.problems, problem),
  };
  const bindingsOf = documentBindings(world);
  return world;
}

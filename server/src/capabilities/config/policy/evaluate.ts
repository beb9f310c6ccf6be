import type { Problem } from '../families/neutral.ts';
import type { Operation } from '../integrity/json-patch.ts';
import { allow } from './actions/allow.ts';
import { defaultPath, defaultServer } from './actions/default.ts';
import { deny } from './actions/deny.ts';
import { pin } from './actions/pin.ts';
import { redact } from './actions/redact.ts';
import { requireOf } from './actions/require.ts';
import { BudgetError, Meter, metered } from './cel/meter.ts';
import type { PolicySet, Rule, RuleOf } from './document.ts';
import { itemsOf } from './items.ts';
import { fitsItem, fitsServer } from './match.ts';
import type { Json, Subject } from './servers.ts';
import { type Effect, openWorld, type PolicyContext, type Verdict, type World } from './world.ts';

/** What a policy set makes of a document. */
export interface Evaluation {
  /** Nothing is denied, missing or unclear: it may be published. */
  readonly ok: boolean;
  /** The document as the rules left it; the one that was given is untouched. */
  readonly result: Json;
  /** All changes, in their order: from the document to the result (RFC 6902). */
  readonly patch: readonly Operation[];
  readonly effects: readonly Effect[];
  readonly denied: readonly Verdict[];
  readonly unmet: readonly Verdict[];
  readonly problems: readonly Problem[];
  /** The versions of the rules, by id. */
  readonly rules: Readonly<Record<string, number>>;
  /** Steps of conditions and comparisons that it took. */
  readonly steps: number;
}

const mostPasses = 8;

/**
 * Evaluates a set: its rules in their order, until they leave the document alone, then every `deny`, `allow` and `require` once more
 * on the result. Pure: the same set, document and context give the same evaluation, and its result changes no more.
 */
export function evaluate(set: PolicySet, subject: Subject, context: PolicyContext, meter = new Meter()): Evaluation {
  return run(set, subject, context, meter, true);
}

/**
 * Judges what was rendered from a neutral form that has been evaluated: by the rules of paths, which are about payloads. No rule changes
 * it any more, so that what one would change is refused.
 */
export function judge(set: PolicySet, subject: Subject, context: PolicyContext, meter = new Meter()): Evaluation {
  return run(set, subject, context, meter, false);
}

function run(set: PolicySet, subject: Subject, context: PolicyContext, meter: Meter, changing: boolean): Evaluation {
  const neutral = 'neutral' in subject;
  const document = (neutral ? subject.neutral : subject.payload) as unknown as Json;
  const world = openWorld(set, document, neutral, context);
  // Paths are those of payloads; all else has been asked of the neutral form already.
  const rules = set.rules.filter(({ on }) => (on === 'path' ? !neutral : changing));
  try {
    metered(meter, () => {
      if (changing) settle(rules, world);
      world.changing = false;
      pass(rules, world, changing ? ['deny', 'require'] : ['deny', 'require', 'pin', 'redact']);
    });
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    world.problem({ pointer: '', message: error.message, severity: 'error' });
  }
  const { effects, denied, unmet, problems, editor } = world;
  const failed = problems.some(({ severity }) => severity === 'error');
  return {
    ok: denied.length === 0 && unmet.length === 0 && !failed,
    result: editor.document,
    patch: editor.patch,
    effects,
    denied,
    unmet,
    problems,
    rules: Object.fromEntries(set.rules.map(({ id, version }) => [id, version])),
    steps: meter.steps,
  };
}

function settle(rules: readonly Rule[], world: World): void {
  for (let turn = 0; turn < mostPasses; turn += 1) {
    const before = world.effects.length;
    pass(rules, world, ['deny', 'pin', 'redact', 'default']);
    if (world.effects.length === before) return;
  }
  const restless = [...new Set(world.effects.slice(-rules.length).map(({ rule }) => rule))].join(', ');
  const message = `The rules never come to an end: they undo each other's changes (${restless}).`;
  world.problem({ pointer: '', message, severity: 'error' });
}

/** Every rule of some actions once, and every `allow`. What is required is asked of the result only, for a later rule may fill it in. */
function pass(rules: readonly Rule[], world: World, actions: readonly Rule['action'][]): void {
  for (const rule of rules) {
    if (!actions.includes(rule.action)) continue;
    if (rule.action === 'default' && rule.on === 'path') defaultPath(rule, world);
    else apply(rule, world);
  }
  allow(
    rules.filter((rule): rule is RuleOf<'allow'> => rule.action === 'allow'),
    world,
  );
}

function apply(rule: Rule, world: World): void {
  const items = itemsOf(rule, world.editor.document, world.servers()).filter(
    (item) =>
      (!item.server || fitsServer(rule.match, item.server, 'wide')) &&
      (rule.on === 'tool' || fitsItem(rule, item, 'wide')),
  );
  if (rule.action === 'require' && rule.on === 'path' && items.length === 0 && world.holds(rule, rule.when, undefined))
    world.miss(rule, '', 'Nothing is there.');
  // From the end, so that what is taken out of a list leaves the places before it.
  for (const item of items.reverse()) {
    if (!world.holds(rule, rule.when, item)) continue;
    if (rule.action === 'deny') deny(rule, item, world);
    else if (rule.action === 'pin') pin(rule, item, world);
    else if (rule.action === 'redact') redact(rule, item, world);
    else if (rule.action === 'require') requireOf(rule, item, world);
    else if (rule.action === 'default' && item.server) defaultServer(rule, item.server, world);
  }
}

import type { RuleOf } from '../document.ts';
import { type Item, itemsOf, type LookedAt } from '../items.ts';
import { fitsItem, fitsServer } from '../match.ts';
import type { World } from '../world.ts';
import { what } from './deny.ts';
import { allowTools } from './tools.ts';

type Allow = RuleOf<'allow'>;

/**
 * Refuses or takes away what is on no list. The `allow` rules of one kind that are about a thing make one list; where none is about
 * it, it is free.
 */
export function allow(rules: readonly Allow[], world: World): void {
  for (const on of new Set(rules.map((rule) => rule.on))) {
    const list = rules.filter(
      (rule) => rule.on === on && (aboutItem(rule, world) || world.holds(rule, rule.when, undefined)),
    );
    if (on === 'tool')
      for (const server of world.servers())
        allowTools(
          list.filter((rule) => inScope(rule, server, world)),
          server,
          world,
        );
    else if (list.length > 0) judge(list, world);
  }
}

function judge(list: readonly Allow[], world: World): void {
  const asked = new Map<string, { item: Item; rules: Allow[] }>();
  for (const rule of list) {
    for (const item of itemsOf(rule, world.editor.document, world.servers())) {
      if (rule.on !== 'server' && item.server && !inScope(rule, item.server, world)) continue;
      const known = asked.get(item.pointer) ?? { item, rules: [] };
      known.rules.push(rule);
      asked.set(item.pointer, known);
    }
  }
  // From the end, so that what is taken out of a list leaves the places before it.
  for (const { item, rules } of [...asked.values()].reverse()) {
    if (rules.some((rule) => isAllowed(rule, item, world))) continue;
    const [rule] = rules as [Allow];
    if (world.changing && rules.every(({ how }) => how === 'remove')) {
      world.editor.remove(item.pointer);
      world.changed(rule, item.pointer, `No rule allows ${what(rule.on)}: it is taken away.`);
    } else world.deny(rule, item.pointer, `No rule allows ${what(rule.on)}.`);
  }
}

function isAllowed(rule: Allow, item: Item, world: World): boolean {
  if (rule.on === 'server' && item.server && !fitsServer(rule.match, item.server, 'narrow')) return false;
  return fitsItem(rule, item, 'narrow') && (!aboutItem(rule, world) || world.holds(rule, rule.when, item));
}

/** Whether a server is one whose things the rule lists. In doubt it is. */
function inScope(rule: Allow, server: LookedAt, world: World): boolean {
  return (
    fitsServer(rule.match, server, 'wide') &&
    (rule.on !== 'tool' || !aboutItem(rule, world) || world.holds(rule, rule.when, { pointer: server.pointer, server }))
  );
}

/** Whether the condition of a rule is about the thing: then it says what is allowed, and not when the rule counts. */
function aboutItem(rule: Allow, world: World): boolean {
  return world.asks(rule, 'server') || world.asks(rule, 'item');
}

import { pointerOf } from '../../families/neutral.ts';
import type { RuleOf } from '../document.ts';
import { listOf } from '../glob.ts';
import { type LookedAt, placesAt } from '../items.ts';
import { isObject } from '../servers.ts';
import type { World } from '../world.ts';

/** Fills in what a server does not say; of variables, headers and tool lists each by itself. */
export function defaultServer(rule: RuleOf<'default'>, server: LookedAt, world: World): void {
  if (!server.neutral) {
    const message = `Rule ${rule.id} fills in fields of the neutral form only.`;
    world.problem({ pointer: server.pointer, message, severity: 'warning' });
    return;
  }
  const remote = server.raw.transport !== 'stdio';
  for (const [field, value] of Object.entries(isObject(rule.set) ? rule.set : {})) {
    // What a transport does not have would make the server invalid.
    if (remote ? ['env', 'cwd'].includes(field) : field === 'headers') continue;
    const at = server.pointer + pointerOf([field]);
    const known = world.editor.get(at);
    if (known === undefined) world.editor.set(at, value);
    else if (isObject(known) && isObject(value))
      for (const [name, member] of Object.entries(value))
        if (!has(known, name)) world.editor.set(at + pointerOf([name]), member);
  }
  world.changed(rule, server.pointer, 'The rule fills in what is missing.');
}

/** Sets a path that is not there, wherever its parent is. */
export function defaultPath(rule: RuleOf<'default'>, world: World): void {
  for (const pattern of listOf(rule.match.path ?? [])) {
    const cut = pattern.lastIndexOf('/');
    const name = pattern
      .slice(cut + 1)
      .replaceAll('~1', '/')
      .replaceAll('~0', '~');
    for (const parent of placesAt(world.editor.document, pattern.slice(0, cut))) {
      if (!isObject(parent.value) || Object.hasOwn(parent.value, name)) continue;
      const pointer = parent.pointer + pointerOf([name]);
      if (!world.holds(rule, rule.when, { pointer, name })) continue;
      world.editor.set(pointer, rule.set);
      world.changed(rule, pointer, 'The rule fills in what is missing.');
    }
  }
}

/** Names of variables and headers know no case. */
function has(known: object, name: string): boolean {
  return Object.keys(known).some((other) => other.toLowerCase() === name.toLowerCase());
}

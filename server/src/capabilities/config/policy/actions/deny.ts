import type { RuleOf } from '../document.ts';
import type { Item } from '../items.ts';
import type { World } from '../world.ts';
import { denyTools } from './tools.ts';

/** Takes a denied thing away where the rule says so, else refuses it. */
export function deny(rule: RuleOf<'deny'>, item: Item, world: World): void {
  if (rule.on === 'tool') {
    if (item.server) denyTools(rule, item.server, world);
    return;
  }
  if (rule.how === 'remove' && world.changing) {
    world.editor.remove(item.pointer);
    world.changed(rule, item.pointer, `The rule takes ${what(rule.on)} away.`);
  } else world.deny(rule, item.pointer, `The rule does not allow ${what(rule.on)}.`);
}

export function what(on: string): string {
  return (
    { server: 'this server', env: 'this variable', header: 'this header', arg: 'this argument' }[on] ?? `this ${on}`
  );
}

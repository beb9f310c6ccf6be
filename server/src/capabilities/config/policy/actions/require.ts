import type { RuleOf } from '../document.ts';
import type { Item } from '../items.ts';
import { isObject, type Json } from '../servers.ts';
import type { World } from '../world.ts';

/** Says what a thing lacks. */
export function requireOf(rule: RuleOf<'require'>, item: Item, world: World): void {
  const holder = item.server?.raw ?? inputAt(item, world);
  for (const field of rule.fields ?? [])
    if (isEmpty(valueAt(holder, field))) world.miss(rule, item.pointer, `It has no ${field}.`);
  if (rule.that !== undefined && !world.holds(rule, rule.that, item))
    world.miss(rule, item.pointer, 'It is not what the rule requires.');
}

function inputAt({ pointer }: Item, world: World): Json {
  return world.editor.get(pointer) ?? null;
}

function valueAt(holder: Json, field: string): Json | undefined {
  let at: Json | undefined = holder;
  for (const name of field.split('.')) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

import { envOf } from '../../families/neutral.ts';
import type { RuleOf } from '../document.ts';
import type { Item } from '../items.ts';
import { isObject, type JsonObject } from '../servers.ts';
import type { World } from '../world.ts';

const scheme = /^(Bearer|Basic|token|Token)\s+/;
const reference = /^(?:(?:Bearer|Basic|token|Token)\s+)?\$\{input:([A-Za-z][A-Za-z0-9_-]{0,62})\}$/;

/** Puts a reference to a secret input where a value stands. The value is gone for good. */
export function redact(rule: RuleOf<'redact'>, item: Item, world: World): void {
  if (typeof item.value !== 'string' && typeof item.value !== 'number') return;
  const value = String(item.value);
  if (value === '') return;
  if (!world.neutral) {
    const text = rule.to.text?.replaceAll('{name}', item.name ?? '');
    if (text === undefined)
      world.deny(rule, item.pointer, "This client's way to refer to an input is not known: give it in `to.text`.");
    else if (world.changing) world.editor.set(item.pointer, text);
    else if (value !== text) world.deny(rule, item.pointer, 'A value stands where the rule wants a reference.');
    world.changed(rule, item.pointer, 'The rule puts a reference in place of the value.');
    return;
  }
  const flag = rule.on === 'arg' ? (/^-[^=]*=/.exec(value)?.[0] ?? '') : '';
  const known = reference.exec(value.slice(flag.length))?.[1];
  const id = known ?? rule.to.input ?? inputFor(item, world);
  if (known === undefined) {
    const kept = flag + (scheme.exec(value.slice(flag.length))?.[0] ?? '');
    world.editor.set(item.pointer, `${kept}\${input:${id}}`);
  }
  keepSecret(id, item, world);
  world.changed(rule, item.pointer, 'The rule puts a reference to an input in place of the value.');
}

/** Sees to it that an input is there, is secret, and brings no value along. */
function keepSecret(id: string, { name, server }: Item, world: World): void {
  const { editor } = world;
  const inputs = editor.get('/inputs');
  if (!Array.isArray(inputs)) editor.set('/inputs', []);
  const at = (Array.isArray(inputs) ? inputs : []).findIndex((input) => isObject(input) && input.id === id);
  if (at < 0) {
    const whose = `${name ?? 'A value'} of the server ${server?.name ?? ''}`.trim();
    const made: JsonObject = { id, description: whose, secret: true };
    editor.push('/inputs', made);
    return;
  }
  editor.remove(`/inputs/${at}/default`);
  editor.set(`/inputs/${at}/secret`, true);
}

/** An input for a value, which no other value shares: it would get that one's. */
function inputFor({ server, name, pointer }: Item, world: World): string {
  const last = name ?? `arg-${pointer.split('/').at(-1)}`;
  const text = `${server?.name ?? 'value'}-${last}`.toLowerCase().replace(/[^a-z0-9_-]+/g, '-');
  const id = /^[a-z]/.test(text) ? text : `i-${text}`;
  const inputs = world.editor.get('/inputs');
  const taken = new Set(
    (Array.isArray(inputs) ? inputs : []).flatMap((input) => (isObject(input) ? namesOf(input) : [])),
  );
  for (let at = 1; ; at += 1) {
    const end = at === 1 ? '' : `-${at}`;
    const made = id.slice(0, 63 - end.length) + end;
    if (!taken.has(envOf({ id: made }))) return made;
  }
}

/** The variables of an input: the one that holds it, and the one that its id would have. */
function namesOf(input: JsonObject): string[] {
  const id = String(input.id);
  return [envOf({ id }), ...(typeof input.env === 'string' ? [input.env] : [])];
}

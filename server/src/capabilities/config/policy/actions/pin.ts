import { isDeepStrictEqual } from 'node:util';
import { pointerOf } from '../../families/neutral.ts';
import type { RuleOf } from '../document.ts';
import { fits } from '../glob.ts';
import type { Item, LookedAt } from '../items.ts';
import { isObject } from '../servers.ts';
import type { World } from '../world.ts';

/** Sets a package to one version wherever the server names it, or the value of a path. */
export function pin(rule: RuleOf<'pin'>, item: Item, world: World): void {
  if (item.server) pinServer(rule, item.server, world);
  else if (rule.to.value !== undefined && !world.changing) {
    if (!isDeepStrictEqual(item.value, rule.to.value))
      world.deny(rule, item.pointer, 'It is not what the rule pins it to.');
  } else if (rule.to.value !== undefined) world.editor.set(item.pointer, rule.to.value);
  world.changed(rule, item.pointer, 'The rule pins it.');
}

function pinServer({ match, to, ...rule }: RuleOf<'pin'>, server: LookedAt, world: World): void {
  const { version = '', sha256 } = to;
  for (const { ref, at, pinned } of server.seen.command?.packages ?? []) {
    if (!fits(match.package ?? [], [`${ref.registry}:${ref.name}`, `${ref.registry}:${shortName(ref.name)}`])) continue;
    if (ref.exact && ref.version === version) continue;
    if (at < 0)
      world.deny(
        { match, to, ...rule },
        server.pointer,
        'The package stands in the text of a shell, where it is not pinned.',
      );
    else world.editor.set(server.argAt(at), pinned(version));
  }
  const declared = server.raw.package;
  if (!server.neutral || !isObject(declared)) return;
  if (!fits(match.package ?? [], [`${String(declared.registry)}:${String(declared.identifier)}`])) return;
  const set = (field: string, value: string) => world.editor.set(server.pointer + pointerOf(['package', field]), value);
  set('version', version);
  if (sha256 !== undefined) set('sha256', sha256);
}

function shortName(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, '');
}

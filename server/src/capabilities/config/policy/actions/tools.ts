import { fold, isPlainName, toolSpellings } from '../canonical/text.ts';
import type { RuleOf } from '../document.ts';
import { fits, isExact, listOf, matchesGlob } from '../glob.ts';
import type { LookedAt } from '../items.ts';
import { isObject, type Json } from '../servers.ts';
import type { World } from '../world.ts';

const opaque =
  "The tools of a payload in its client's own form cannot be told: use the neutral form, or a rule of a path.";

/** Takes denied tools out of those that a server may use, and names them as denied. */
export function denyTools(rule: RuleOf<'deny'>, server: LookedAt, world: World): void {
  if (!server.neutral) {
    world.deny(rule, server.pointer, opaque);
    return;
  }
  const patterns = listOf(rule.match.name ?? []);
  const { allow, deny } = filterOf(server);
  // A name that could be a look-alike of a denied one is denied with it.
  const isDenied = (tool: string) => !isPlainName(tool) || fits(patterns, toolSpellings(tool), fold);
  const taken = (allow ?? []).filter(isDenied);
  const missing = patterns.filter((pattern) => isExact(pattern) && !deny.includes(pattern));
  const open = allow === undefined && patterns.some((pattern) => !isExact(pattern));
  const at = `${server.pointer}/tools`;
  if (open)
    world.deny(
      rule,
      server.pointer,
      'A pattern of tools can only be taken out of a list: name the tools that are allowed.',
    );
  if (!world.changing || rule.how === 'refuse') {
    if (taken.length > 0 || (allow === undefined && missing.length > 0))
      world.deny(
        rule,
        taken.length > 0 ? `${at}/allow` : server.pointer,
        'The rule does not allow a tool of this server.',
      );
    return;
  }
  if (taken.length > 0)
    world.editor.set(
      `${at}/allow`,
      (allow ?? []).filter((tool) => !isDenied(tool)),
    );
  if (missing.length > 0 && (allow === undefined || taken.length > 0))
    setFilter(server, 'deny', [...deny, ...missing], world);
  world.changed(rule, at, 'The rule takes tools away.');
}

/** Leaves a server the tools that some rule allows. */
export function allowTools(rules: readonly RuleOf<'allow'>[], server: LookedAt, world: World): void {
  const [rule] = rules;
  if (!rule) return;
  if (!server.neutral) {
    world.deny(rule, server.pointer, opaque);
    return;
  }
  const patterns = rules.flatMap(({ match }) => listOf(match.name ?? []));
  const { allow } = filterOf(server);
  const exact = patterns.every(isExact);
  const kept = allow?.filter((tool) => patterns.some((pattern) => matchesGlob(pattern, tool)));
  if (kept !== undefined && kept.length === allow?.length) return;
  const refusing = !world.changing || rules.some(({ how }) => how === 'refuse');
  if (refusing || (allow === undefined && !exact)) {
    const why = allow === undefined ? 'Name the tools that are allowed.' : 'No rule allows one of these tools.';
    world.deny(rule, `${server.pointer}/tools`, why);
    return;
  }
  setFilter(server, 'allow', kept ?? [...new Set(patterns)], world);
  world.changed(rule, `${server.pointer}/tools/allow`, 'The rule leaves the tools that are allowed.');
}

function filterOf({ raw }: LookedAt): {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
} {
  const filter = isObject(raw.tools) ? raw.tools : {};
  const texts = (value: Json | undefined) => (Array.isArray(value) ? value.map(String) : undefined);
  return { allow: texts(filter.allow), deny: texts(filter.deny) ?? [] };
}

function setFilter({ pointer, raw }: LookedAt, key: 'allow' | 'deny', tools: readonly string[], world: World): void {
  if (isObject(raw.tools)) world.editor.set(`${pointer}/tools/${key}`, [...tools]);
  else world.editor.set(`${pointer}/tools`, { [key]: [...tools] });
}

import { SettingsError } from '../settings.ts';
import { expandGrants } from './principal.ts';

/** One entry of `oidc.grants`: whose claim has the value gets the grants. Without a claim: everybody. */
export interface GrantRule {
  readonly claim?: { readonly path: string; readonly value: string };
  readonly grants: readonly string[];
}

/** Parses `* => reader` and `roles=data-team => lake:write lake:read`. Throws the sentence that stops the start. */
export function parseGrantRule(text: string): GrantRule {
  const [, who = '', list = ''] = /^\s*(\S.*?)\s*=>\s*(\S.*?)\s*$/.exec(text) ?? [];
  const grants = list.split(/\s+/).filter(Boolean);
  const { unknown } = expandGrants(grants);
  if (unknown.length > 0) throw badRule(text, `unknown grant ${unknown.join(', ')}`);
  if (grants.length === 0) throw badRule(text, 'it grants nothing');
  if (who === '*') return { grants };
  const equals = who.indexOf('=');
  if (equals < 1 || equals === who.length - 1) throw badRule(text, 'whom does it mean?');
  return { claim: { path: who.slice(0, equals), value: who.slice(equals + 1) }, grants };
}

/** What the rules give to the bearer of these claims, sorted and without doubles. */
export function grantsFor(rules: readonly GrantRule[], claims: Readonly<Record<string, unknown>>): string[] {
  const given = rules.filter(({ claim }) => claim === undefined || valuesOf(claims, claim.path).includes(claim.value));
  return [...new Set(given.flatMap((rule) => rule.grants))].sort();
}

/** The words of a claim: a list, or a text of words with spaces between. A dot leads into an object. */
export function valuesOf(claims: Readonly<Record<string, unknown>>, path: string): string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(memberOf, claims);
  if (typeof value === 'string') return [...new Set([value, ...value.split(' ')])].filter(Boolean);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function badRule(text: string, why: string): SettingsError {
  return new SettingsError(
    `Setting oidc.grants: ${JSON.stringify(text)} is not valid, ${why}. Write "* => reader" or "roles=team => lake:write".`,
  );
}

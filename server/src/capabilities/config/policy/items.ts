import { pointerOf } from '../families/neutral.ts';
import { BudgetError } from './cel/meter.ts';
import type { Rule } from './document.ts';
import type { Seen } from './facts.ts';
import { type Found, findPaths, listOf, mostFound } from './glob.ts';
import { isObject, type Json, type ServerView } from './servers.ts';

/** One thing that a rule is about. */
export interface Item {
  readonly pointer: string;
  readonly server?: LookedAt;
  readonly name?: string;
  readonly value?: Json;
}

/** A server and what was seen of it. */
export interface LookedAt extends ServerView {
  readonly seen: Seen;
}

/** Every thing of the kind that a rule is about, in the order of the document. Tools are those that a server lists as allowed. */
export function itemsOf(rule: Rule, document: Json, servers: readonly LookedAt[]): Item[] {
  switch (rule.on) {
    case 'config':
      return [{ pointer: '', value: document }];
    case 'path': {
      const all = listOf(rule.match.path ?? []).flatMap((pattern) => placesAt(document, pattern));
      return [...new Map(all.map((found) => [found.pointer, found])).values()].map(({ pointer, name, value }) => ({
        pointer,
        name,
        value: value as Json,
      }));
    }
    case 'input': {
      const inputs = isObject(document) && Array.isArray(document.inputs) ? document.inputs : [];
      return inputs.flatMap((input, at) =>
        isObject(input)
          ? [{ pointer: pointerOf(['inputs', at]), name: String(input.id), value: input.default ?? '' }]
          : [],
      );
    }
    default:
      return servers.flatMap((server) => ofServer(rule.on, server));
  }
}

/** Every place of a pattern. Where there may be more than are found, the rest must not go unseen. */
export function placesAt(document: Json, pattern: string): Found[] {
  const found = findPaths(document, pattern);
  if (found.length >= mostFound) throw new BudgetError(`There are too many places at ${pattern} to judge them all.`);
  return found;
}

function ofServer(on: Rule['on'], server: LookedAt): Item[] {
  const named = ({ pointer, entries }: ServerView['env']) =>
    entries.map(([name, value]) => ({ pointer: pointer + pointerOf([name]), server, name, value }));
  switch (on) {
    case 'env':
      return named(server.env);
    case 'header':
      return named(server.headers);
    case 'arg':
      return server.args.map((value, at) => ({ pointer: server.argAt(at), server, value }));
    default:
      return [{ pointer: server.pointer, server }];
  }
}

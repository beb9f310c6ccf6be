import type { Operation } from '../integrity/json-patch.ts';
import { isObject, type Json } from './servers.ts';

/** A document that a rule changes, and the patch that says how. */
export interface Editor {
  readonly document: Json;
  /** Changes so far. */
  readonly patch: Operation[];
  get(pointer: string): Json | undefined;
  /** Sets a value, in an object or at an index that is there. A value that is there already is left alone. */
  set(pointer: string, value: Json): void;
  /** Adds a value at the end of an array. */
  push(pointer: string, value: Json): void;
  remove(pointer: string): void;
}

/** Opens a document for change. It is changed in place. */
export function edit(document: Json): Editor {
  const patch: Operation[] = [];

  const holder = (pointer: string): [Json | undefined, string] => {
    const parts = partsOf(pointer);
    const last = parts.pop() ?? '';
    return [walk(document, parts), last];
  };

  return {
    document,
    patch,
    get: (pointer) => walk(document, partsOf(pointer)),
    set(pointer, given) {
      // What a rule holds must not become a part of the document: the next rule would change it there.
      const value = structuredClone(given);
      const [parent, name] = holder(pointer);
      const known = own(parent, name);
      if (JSON.stringify(known) === JSON.stringify(value)) return;
      if (Array.isArray(parent) && known !== undefined) parent[Number(name)] = value;
      else if (isObject(parent)) parent[name] = value;
      else return;
      patch.push({ op: known === undefined ? 'add' : 'replace', path: pointer, value: structuredClone(value) });
    },
    push(pointer, value) {
      const list = walk(document, partsOf(pointer));
      if (!Array.isArray(list)) return;
      list.push(structuredClone(value));
      patch.push({ op: 'add', path: `${pointer}/-`, value: structuredClone(value) });
    },
    remove(pointer) {
      const [parent, name] = holder(pointer);
      if (own(parent, name) === undefined) return;
      if (Array.isArray(parent)) parent.splice(Number(name), 1);
      else if (isObject(parent)) delete parent[name];
      patch.push({ op: 'remove', path: pointer });
    },
  };
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function walk(document: Json, parts: readonly string[]): Json | undefined {
  let at: Json | undefined = document;
  for (const part of parts) at = own(at, part);
  return at;
}

function own(holder: Json | undefined, name: string): Json | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined;
  return (holder as { [name: string]: Json })[name];
}

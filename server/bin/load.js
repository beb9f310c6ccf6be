// Plain JavaScript. A checkout runs its TypeScript; the published package brings it compiled, for Node strips no types
// below node_modules.
import { existsSync } from 'node:fs';

/** Imports a module of this package by its path without an ending, such as `tour/tour`. */
export function load(name) {
  const source = new URL(`../src/${name}.ts`, import.meta.url);
  return import(existsSync(source) ? source.href : new URL(`../dist/${name}.js`, import.meta.url).href);
}

// The library's entrance: the TypeScript of a checkout, or what the published package brings compiled.
import { existsSync } from 'node:fs';
import { tooOld } from './bin/node-version.js';

const sentence = tooOld(process.versions.node);
if (sentence) throw new Error(sentence);

const source = new URL('./src/index.ts', import.meta.url);
const library = await import(existsSync(source) ? source.href : new URL('./dist/index.js', import.meta.url).href);

export const { createClient, TuttiError } = library;

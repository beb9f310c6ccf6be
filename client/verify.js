// Verification of signed configurations: the TypeScript of a checkout, or what the published package brings compiled.
import { existsSync } from 'node:fs';
import { tooOld } from './bin/node-version.js';

const sentence = tooOld(process.versions.node);
if (sentence) throw new Error(sentence);

const source = new URL('./src/verify/index.ts', import.meta.url);
const library = await import(
  existsSync(source) ? source.href : new URL('./dist/verify/index.js', import.meta.url).href
);

export const {
  TuttiError,
  artifactType,
  canonicalBytes,
  canonicalJson,
  contentId,
  documentLimits,
  exportType,
  inCohort,
  notAuthentic,
  pae,
  parseStrict,
  releaseType,
  schemeOf,
  strictValue,
  trustKey,
  verifyDocument,
  verifyRelease,
} = library;

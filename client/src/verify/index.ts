// What reads and verifies signed configurations, on nothing but node:crypto: for `tutti config verify`, and for the server.
export { TuttiError } from '../error.ts';
export { canonicalJson } from './canonical.ts';
export { type Cohort, inCohort } from './cohort.ts';
export {
  type Artifact,
  artifactType,
  type ExportedRelease,
  type ExportIndex,
  exportType,
  releaseType,
  type Statement,
} from './documents.ts';
export { notAuthentic } from './refusal.ts';
export { type Expected, type SignedBytes, verifyRelease } from './release.ts';
export { schemeOf } from './schemes.ts';
export { canonicalBytes, contentId, pae, type Signature, verifyDocument } from './signature.ts';
export { documentLimits, type JsonLimits, type JsonValue, parseStrict, strictValue } from './strict-json.ts';
export { type PublicKey, type TrustedKey, trustKey } from './trusted-key.ts';

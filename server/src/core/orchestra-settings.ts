import { z } from 'zod';
import { count, flag } from './setting-types.ts';

/** Where the API key stands, never the key. `op run` of 1Password puts it into a variable. */
const keyReference = z
  .string()
  .refine((text) => !text.startsWith('op://'), {
    error: 'is a reference to 1Password, which this server does not read: start it by `op run`',
    abort: true,
  })
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/, 'must be env:VARIABLE or file:/path, never the key');

/** The settings of the capability `orchestra`. */
export const orchestraSettings = {
  'orchestra.api_key': keyReference
    .optional()
    .describe('API key of Orchestra, as env:VARIABLE or file:/path. By default what ORCHESTRA_API_KEY holds.'),
  'orchestra.api_base_url': z
    .url({ protocol: /^https?$/ })
    .default('https://app.getorchestra.io/api/engine/public/')
    .describe('Address of its API, with or without /public/. One that is not public needs egress.allow.'),
  'orchestra.allow_writes': flag
    .default(false)
    .describe('Callers may also cancel and retry runs; to start them needs no more than the scope orchestra:write.'),
  'orchestra.concurrency': count(1, 64).default(4).describe('Requests to Orchestra at once, for one API key.'),
  'orchestra.timeout_s': count(1, 300)
    .default(45)
    .describe('Seconds that all requests of one call may take, their repeats included.'),
  'orchestra.backoff_ms': count(1, 60_000)
    .default(500)
    .describe('Milliseconds before a request is repeated, at most, doubled each time.'),
};

/** What the variables of the seed stand for: ORCHESTRA_API_KEY, ORCHESTRA_API_KEY_FILE, ORCHESTRA_API_BASE_URL. */
export function orchestraVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const { ORCHESTRA_API_KEY: key, ORCHESTRA_API_KEY_FILE: file, ORCHESTRA_API_BASE_URL: url } = env;
  return {
    ...(file && { 'orchestra.api_key': `file:${file}` }),
    ...(key && { 'orchestra.api_key': 'env:ORCHESTRA_API_KEY' }),
    ...(url && { 'orchestra.api_base_url': url }),
  };
}

import { readFileSync } from 'node:fs';
import { Ajv2019, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { AppError } from '../../../core/errors.ts';
import type { Contract } from './odcs.ts';

/** Vendored unchanged from the Open Data Contract Standard, v3.1.0. */
const schemaFile = new URL('../../../../third_party/odcs/odcs-json-schema-v3.1.0.json', import.meta.url);
const maxBytes = 1 << 20;
const maxProblems = 20;
let compiled: ValidateFunction | undefined;

/** A contract given as an object or as YAML (or JSON) text, checked against the standard's own schema. */
export function readContract(given: unknown): Contract {
  const document = typeof given === 'string' ? parseText(given) : given;
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalid(['it is no mapping']);
  if (Buffer.byteLength(JSON.stringify(document)) > maxBytes) throw tooLarge();
  if ((document as { apiVersion?: unknown }).apiVersion !== 'v3.1.0')
    throw invalid(['/apiVersion must be v3.1.0, the version of the standard that is checked here']);
  const validate = schema();
  if (!validate(document)) throw invalid(problems(validate.errors ?? []));
  return document as Contract;
}

function parseText(text: string): unknown {
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge();
  try {
    // Dates stay texts, as the standard's schema wants them. Aliases may not blow a small text up.
    return parse(text, { schema: 'core', maxAliasCount: 50, logLevel: 'error' });
  } catch (error) {
    throw invalid([error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)]);
  }
}

function schema(): ValidateFunction {
  if (compiled) return compiled;
  const ajv = new Ajv2019({ allErrors: false, strict: false, verbose: false });
  addFormats.default(ajv);
  compiled = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  return compiled;
}

function problems(errors: readonly ErrorObject[]): string[] {
  const found = errors.map(({ instancePath, message, params }) => {
    const name = (params as { unevaluatedProperty?: string }).unevaluatedProperty;
    return `${instancePath || '/'} ${message ?? ''}${name === undefined ? '' : ` (${name})`}`;
  });
  return [...new Set(found)];
}

function invalid(found: readonly string[]): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `This is no contract of the Open Data Contract Standard v3.1.0: ${found[0] ?? ''}.`,
    'Correct what details.problems names; infer_contract drafts a contract from the data.',
    { problems: found.slice(0, maxProblems) },
  );
}

function tooLarge(): AppError {
  return new AppError('VALIDATION_FAILED', 'The contract is larger than 1 MiB.', 'Leave out what is not checked.');
}

// Compares the description of Orchestra's API that this repository keeps with the live one, which needs no account.
// node scripts/compare-orchestra-api.ts [url]; --write makes the kept one anew from the schemas.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeApi } from '../server/src/capabilities/orchestra/api/description.ts';

type Json = Readonly<Record<string, unknown>>;

const live = 'https://app.getorchestra.io/api/engine/openapi.json';
const kept = fileURLToPath(new URL('../server/src/capabilities/orchestra/api/openapi.json', import.meta.url));
/** Our names of what the live description calls otherwise. */
const liveNames: Readonly<Record<string, string>> = {
  PipelineRun: 'PipelineRunResponse',
  TaskRun: 'TaskRunResponse',
  Operation: 'OperationResponse',
  Pipeline: 'PipelineResponse',
  StartRequest: 'WebhookRequestData',
};

/** One sentence for each thing that `ours` relies on and `theirs` does not promise. */
export function differences(ours: Json, theirs: Json): string[] {
  return [...pathDifferences(ours, theirs), ...schemaDifferences(ours, theirs)];
}

function pathDifferences(ours: Json, theirs: Json): string[] {
  const theirPaths = objectAt(theirs, 'paths');
  return Object.entries(objectAt(ours, 'paths')).flatMap(([path, methods]) =>
    Object.entries(methods as Json).flatMap(([method, operation]) => {
      const found = objectAt(objectAt(theirPaths, path), method);
      const name = `${method.toUpperCase()} ${path}`;
      if (Object.keys(found).length === 0) {
        return 'x-unverified' in (operation as Json) ? [] : [`${name}: is not there`];
      }
      const known = namesOf(found);
      return namesOf(operation as Json)
        .filter((parameter) => !known.includes(parameter) && parameter !== 'include_superseded')
        .map((parameter) => `${name}: has no parameter ${parameter}`);
    }),
  );
}

function schemaDifferences(ours: Json, theirs: Json): string[] {
  const all = (document: Json) => objectAt(objectAt(document, 'components'), 'schemas');
  return Object.entries(liveNames).flatMap(([name, liveName]) => {
    const their = objectAt(all(theirs), liveName);
    if (Object.keys(their).length === 0) return [`${liveName}: is not there`];
    const our = objectAt(all(ours), name);
    const required = (schema: Json) => (Array.isArray(schema.required) ? schema.required : []);
    const properties = objectAt(their, 'properties');
    return [
      ...Object.keys(objectAt(our, 'properties'))
        .filter((field) => !(field in properties) && field !== 'attemptNumber')
        .map((field) => `${liveName}: has no ${field}`),
      ...required(our)
        .filter((field) => field in properties && !required(their).includes(field))
        .map((field) => `${liveName}: ${field} may be missing`),
    ];
  });
}

function objectAt(value: Json, key: string): Json {
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof found === 'object' && found !== null ? (found as Json) : {};
}

function namesOf(operation: Json): unknown[] {
  const parameters = Array.isArray(operation.parameters) ? operation.parameters : [];
  return parameters.map((parameter) => (parameter as Json).name);
}

/** Exit code: 0 they fit, 1 they differ, 2 the live one could not be read. */
async function main(argument: string | undefined): Promise<number> {
  if (argument === '--write') {
    writeFileSync(kept, `${JSON.stringify(describeApi(), null, 2)}\n`);
    return 0;
  }
  const url = argument ?? live;
  let theirs: Json;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    theirs = (await response.json()) as Json;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    console.error(`Cannot compare: ${url} could not be read (${why}). This needs a network; nothing was compared.`);
    return 2;
  }
  const found = differences(JSON.parse(readFileSync(kept, 'utf8')), theirs);
  console.log(found.length === 0 ? 'The live API promises all that is used.' : found.join('\n'));
  return found.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv[2]);

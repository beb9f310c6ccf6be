import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untrusted } from '../../../core/errors.ts';
import { conceal } from '../../../core/redact.ts';
import type { Engine } from '../docker/client.ts';
import type { Images } from '../images/images.ts';
import { createRedactors } from '../runner/redact.ts';
import { type ComposeRun, requireCompose, runCompose } from './cli.ts';
import { Refused, readYaml, writeYaml } from './compose/read-yaml.ts';
import { resolveDocument } from './compose/resolve.ts';
import {
  composeFile,
  generatedValues,
  hashOf,
  makeDirectory,
  openDirectory,
  type SandboxPlace,
  writeInto,
} from './directory.ts';
import { composeFailed, noDirectory } from './errors.ts';
import { imageForService } from './images.ts';
import { labelsOf, type Marks, projectOf } from './marks.ts';
import { ensureNetworks } from './networks.ts';
import { listServices } from './services.ts';
import type { SandboxRow } from './store.ts';
import { invalidTemplate } from './templates/find.ts';

/** What work on a sandbox needs on the machine of its engine. */
export interface Workplace {
  readonly engine: Engine;
  readonly place: SandboxPlace;
  readonly server: string;
  readonly images: Images;
}

/** The document as compose reads it, and the one that it runs with the images pinned. */
const sourceFile = 'source.yml';
const runFile = 'run.yml';
const outputChars = 8000;
/** A service whose command is wrong ends within it. */
const graceMs = 300;

export function marksOf(sandbox: Pick<SandboxRow, 'id'>, server: string): Marks {
  return { server, sandbox: sandbox.id };
}

/** Makes the directory of a sandbox: values that nobody knows, and the document to run. Throws CREATE_FAILED, INVALID_TEMPLATE. */
export async function makeSandbox(sandbox: SandboxRow, at: Workplace, signal: AbortSignal) {
  const { compose: text, parameters, generated: names, capabilities, limits, egress } = sandbox.definition;
  const project = projectOf(sandbox.id);
  const compose = await requireCompose();
  const generated = Object.fromEntries(names.map((name) => [name, randomBytes(18).toString('hex')]));
  for (const value of Object.values(generated)) conceal(value);
  const redactors = createRedactors(Object.values(generated));
  const directory = await makeDirectory(at.place, sandbox.directory, generated);
  const resolve = async (source: string) => {
    await writeInto(directory, sourceFile, source);
    const run = await runCompose({
      compose,
      host: at.engine.host,
      directory,
      file: sourceFile,
      project,
      args: ['config'],
      redactors,
      signal,
    });
    await rm(path.join(directory, sourceFile), { force: true });
    signal.throwIfAborted();
    if (run.code !== 0) throw composeFailed('CREATE_FAILED', 'Compose does not take the document.', outputOf(run));
    return run.stdout.text;
  };
  try {
    const { text: hardened } = await resolveDocument(
      { text, values: { ...parameters, ...generated }, policy: { ...limits, capabilities, project } },
      { labels: labelsOf(marksOf(sandbox, at.server)), egress, project, maxFileBytes: sandbox.disk_mb * 2 ** 20 },
      resolve,
    );
    await writeInto(directory, composeFile, hardened);
    return { path: directory, compose_sha256: hashOf(hardened) };
  } catch (error) {
    throw error instanceof Refused ? invalidTemplate(sandbox.template, error.issues) : error;
  }
}

/**
 * Starts what does not run of a sandbox; answers what compose said. May be repeated: what a try before began, perhaps one that
 * still runs as its server was killed, is gone on with. Throws START_FAILED, IMAGE_NOT_FOUND, DIR_NOT_FOUND, NO_COMPOSE.
 */
export async function startSandbox(sandbox: SandboxRow, at: Workplace, signal: AbortSignal): Promise<string> {
  const { directory, compose: text } = await openDirectory(at.place, sandbox.directory, sandbox.compose_sha256);
  const compose = await requireCompose();
  const document = readYaml(text) as { services: Record<string, { image: string }> };
  for (const service of Object.values(document.services))
    service.image = await imageForService(at.images, at.engine, service.image, signal);
  await writeInto(directory, runFile, writeYaml(document));
  await ensureNetworks(at.engine, marksOf(sandbox, at.server), sandbox.definition.networks);
  const redactors = createRedactors(await secretsOf(sandbox, at));
  const up = () =>
    runCompose({
      compose,
      host: at.engine.host,
      directory,
      file: runFile,
      project: projectOf(sandbox.id),
      args: ['up', '--detach', '--no-build'],
      redactors,
      signal,
    });
  let run = await up();
  if (run.code !== 0 && !signal.aborted) run = await up();
  signal.throwIfAborted();
  if (run.code !== 0) throw composeFailed('START_FAILED', 'Compose could not start the sandbox.', outputOf(run));
  await sleep(graceMs, undefined, { signal });
  const ended = (await listServices(at.engine, marksOf(sandbox, at.server))).filter(
    ({ exit_code = 0 }) => exit_code !== 0,
  );
  const [first] = ended;
  if (first) {
    const message = `The service ${first.service} ended with exit code ${first.exit_code} as it began.`;
    throw composeFailed('START_FAILED', message, outputOf(run));
  }
  return outputOf(run).text;
}

function outputOf({ stdout, stderr }: ComposeRun) {
  return untrusted('compose', [stdout.text, stderr.text].filter(Boolean).join('\n'), outputChars);
}

/** The generated values of a sandbox. Throws DIR_NOT_FOUND where they cannot be read any more. */
export async function secretsOf(sandbox: SandboxRow, { place }: Pick<Workplace, 'place'>): Promise<string[]> {
  const values = await generatedValues(place, sandbox.directory);
  if (values.length < sandbox.definition.generated.length) throw noDirectory(sandbox.name);
  return values;
}

import type { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import type { ToolContext } from '../../../core/tool.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import { overLimit } from '../runs/errors.ts';
import { networkKinds } from './compose/networks.ts';
import type { CheckedDocument, Limits } from './compose/policy.ts';
import { Refused } from './compose/read-yaml.ts';
import { checkSource } from './compose/resolve.ts';
import { sandboxExists } from './errors.ts';
import { factOf, requireRoom, serviceTooLarge } from './limits.ts';
import { projectOf } from './marks.ts';
import type { SandboxNeeds } from './needs.ts';
import { requestWork } from './request.ts';
import { findSandbox, insertSandbox, type SandboxRow } from './store.ts';
import { findTemplate, invalidTemplate } from './templates/find.ts';
import type { Template } from './templates/template.ts';

export interface CreateInput {
  readonly template: string;
  readonly name: string;
  readonly directory?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly ttl_s?: number | undefined;
  readonly idle_s?: number | undefined;
}

/** Adds a sandbox, and the job that makes it, in the transaction of the call. Throws INVALID_TEMPLATE, SANDBOX_EXISTS. */
export async function createSandbox(
  input: CreateInput,
  context: ToolContext,
  needs: SandboxNeeds,
): Promise<{ readonly sandbox: SandboxRow; readonly jobId: string }> {
  const { db, principal, authority } = context;
  await needs.engine.reach();
  const template = await findTemplate(input.template, needs.templatesDir);
  if (!template)
    throw invalidTemplate(input.template, [{ path: 'template', message: 'there is no template of this id' }]);
  const parameters = chosen(template, input.parameters ?? {});
  const id = newId('sbx');
  const allowed = needs.ceilings(principal);
  const limits = limitsOf(allowed);
  const { services, networks } = checkTemplate(template, parameters, limits, projectOf(id));
  for (const { image } of Object.values(services)) needs.images.check(image);
  const facts = Object.entries(services).map(([service, checked]) => factOf(service, checked));
  const { ttl_s: longest, disk_mb } = allowed.sandboxes;
  const [ttl, idle] = [input.ttl_s ?? longest, input.idle_s ?? needs.idleS];
  if (ttl > longest) throw overLimit('sandbox_ttl_s', ttl, longest);
  await requireRoom(db, principal.id, facts, allowed);
  const { compose, generated, capabilities } = template;
  const egress = allowed.networks.includes('egress');
  const kinds = networkKinds({ services, networks }, egress);
  const added = await insertSandbox(db, {
    id,
    name: input.name,
    principal_id: principal.id,
    engine: needs.engine.name,
    template: template.id,
    definition: { compose, generated, capabilities, parameters, limits, egress, networks: kinds },
    directory: input.directory ?? input.name,
    services: facts,
    disk_mb,
    idle_s: idle,
    expires_at: new Date(Date.now() + ttl * 1000),
  });
  if (!added) throw sandboxExists(input.name);
  const sandbox = (await findSandbox(db, id)) as SandboxRow;
  const jobId = await requestWork(
    db,
    sandbox,
    { action: 'create' },
    { jobs: needs.jobs, place: needs.place, authority },
  );
  return { sandbox, jobId };
}

function chosen(template: Template, given: Readonly<Record<string, string>>): Record<string, string> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(template.parameters, name));
  if (unknown.length > 0) {
    throw invalidTemplate(
      template.id,
      unknown.map((name) => ({
        path: `parameters.${name.slice(0, 60)}`,
        message: `is none of: ${Object.keys(template.parameters).join(', ') || 'the template has none'}`,
      })),
    );
  }
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, parameter]) => [name, given[name] ?? parameter.default]),
  );
}

/** What each service of a caller's sandboxes may have: as much as a job. */
export function limitsOf({ resources }: ReturnType<Ceilings>): Limits {
  const { memory_mb, cpus, pids } = resources;
  return { maxMemoryBytes: memory_mb * 2 ** 20, maxCpus: cpus, maxPids: pids };
}

/** What a template with these choices would run. Throws INVALID_TEMPLATE with all that is not allowed. */
export function checkTemplate(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  limits: Limits,
  project = 'tutti',
): CheckedDocument {
  const generated = Object.fromEntries(template.generated.map((name) => [name, 'generated']));
  const { compose: text, capabilities } = template;
  const check = (within: Limits) =>
    checkSource({ text, values: { ...parameters, ...generated }, policy: { ...within, capabilities, project } });
  try {
    return check(limits);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw tooLargeService(() => check(unlimited), limits) ?? invalidTemplate(template.id, error.issues);
  }
}

const unlimited: Limits = { maxMemoryBytes: Infinity, maxCpus: Infinity, maxPids: Infinity };

/** What a document asks for beyond the limits of its caller, if that is all that is wrong with it. */
function tooLargeService(check: () => CheckedDocument, limits: Limits): AppError | undefined {
  let services: CheckedDocument['services'];
  try {
    ({ services } = check());
  } catch {
    return undefined;
  }
  for (const [name, { memoryBytes, cpus, pids }] of Object.entries(services)) {
    if (memoryBytes > limits.maxMemoryBytes)
      return serviceTooLarge(name, 'memory_mb', memoryBytes / 2 ** 20, limits.maxMemoryBytes / 2 ** 20);
    if (cpus > limits.maxCpus) return serviceTooLarge(name, 'cpus', cpus, limits.maxCpus);
    if (pids > limits.maxPids) return serviceTooLarge(name, 'pids', pids, limits.maxPids);
  }
  return undefined;
}

/** The choices that a template makes by itself. */
export function defaultsOf(template: Template): Record<string, string> {
  return chosen(template, {});
}

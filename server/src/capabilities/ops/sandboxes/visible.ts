import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Engine } from '../docker/client.ts';
import { engineElsewhere, noSandbox, noService, notRunning } from './errors.ts';
import type { SandboxNeeds } from './needs.ts';
import { listServices, type ServiceState } from './services.ts';
import { findSandboxByName, type SandboxRow } from './store.ts';
import { marksOf } from './work.ts';

/** A sandbox by its name, if the principal may see it. One that it may not see reads like one that does not exist. */
export async function visibleSandbox(db: Db, principal: Principal, name: string): Promise<SandboxRow> {
  const row = await findSandboxByName(db, name);
  if (row && canSee(principal, { toolset: 'ops', owner: row.principal_id })) return row;
  throw noSandbox(name);
}

/** The engine of a sandbox, if it is the one of this process. Throws ENGINE_ELSEWHERE, DOCKER_UNAVAILABLE. */
export function reachEngineOf(sandbox: SandboxRow, { engine }: SandboxNeeds): Promise<Engine> {
  requireHere(sandbox, { engine });
  return engine.reach();
}

/** Throws ENGINE_ELSEWHERE. */
export function requireHere(sandbox: SandboxRow, { engine }: Pick<SandboxNeeds, 'engine'>): void {
  if (sandbox.engine !== engine.name) throw engineElsewhere(sandbox.name, sandbox.engine);
}

/** The container of a service, which must run. Throws SERVICE_NOT_FOUND, SANDBOX_NOT_RUNNING. */
export async function runningService(
  sandbox: SandboxRow,
  service: string | undefined,
  needs: SandboxNeeds,
): Promise<{ readonly engine: Engine; readonly id: string; readonly service: string }> {
  const name = serviceOf(sandbox, service);
  const engine = await reachEngineOf(sandbox, needs);
  const found = (await statesOf(sandbox, engine, needs)).find((state) => state.service === name);
  if (found?.state !== 'running') throw notRunning(sandbox.name, name);
  return { engine, id: found.container_id, service: name };
}

/** The service that a caller names; of a sandbox with one alone it need not be named. Throws SERVICE_NOT_FOUND. */
export function serviceOf({ name, services }: SandboxRow, service: string | undefined): string {
  const names = services.map((one) => one.name);
  const [only] = names;
  if (service === undefined && names.length === 1 && only !== undefined) return only;
  if (service !== undefined && names.includes(service)) return service;
  throw noService(name, service ?? '', names);
}

export async function statesOf(sandbox: SandboxRow, engine: Engine, needs: SandboxNeeds): Promise<ServiceState[]> {
  return listServices(engine, marksOf(sandbox, await needs.installation()));
}

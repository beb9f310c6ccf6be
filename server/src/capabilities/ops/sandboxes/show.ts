import path from 'node:path';
import type { z } from 'zod';
import { lookAt } from './directory.ts';
import type { SandboxNeeds } from './needs.ts';
import type { detailFields, listedFields, serviceSchema, snapshotSchema } from './schemas.ts';
import type { ServiceState } from './services.ts';
import type { SandboxRow, SnapshotRow } from './store.ts';
import type { Template } from './templates/template.ts';

type Fields<T extends z.ZodRawShape> = z.output<z.ZodObject<T>>;

/** A sandbox in a list; with what is on disk where that is asked for and this machine's. */
export async function showListed(
  row: SandboxRow,
  validate: boolean,
  { place, engine }: SandboxNeeds,
): Promise<Fields<typeof listedFields>> {
  const { name, template, status, idle_s } = row;
  return {
    name,
    template,
    // Of a restored one it is another than it was made at.
    path: row.path === null || row.engine !== engine.name ? (row.path ?? '') : path.join(place.root, row.directory),
    created_at: row.created_at.toISOString(),
    status,
    engine: row.engine,
    expires_at: row.expires_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    idle_s,
    ...(row.disk_bytes !== null && { disk_bytes: Number(row.disk_bytes) }),
    max_disk_mb: row.disk_mb,
    ...(validate && row.engine === engine.name && { validation: await lookAt(place, row.directory) }),
  };
}

/** All of a sandbox, with its containers where they are known. */
export async function showSandbox(
  row: SandboxRow,
  states: readonly ServiceState[],
  needs: SandboxNeeds,
): Promise<Fields<typeof detailFields>> {
  return {
    ...(await showListed(row, true, needs)),
    services: row.services.map(({ name, image }) => showService(name, image, states)),
    parameters: { ...row.definition.parameters },
    ...(row.error && { error: row.error }),
  };
}

function showService(name: string, image: string, states: readonly ServiceState[]): z.output<typeof serviceSchema> {
  const state = states.find(({ service }) => service === name);
  if (!state) return { name, image };
  const { container_id, detail, ports, exit_code } = state;
  const code = exit_code === undefined ? {} : { exit_code };
  return { name, image, state: state.state, detail, ...code, container_id, ports: [...ports] };
}

export function showSnapshot(row: SnapshotRow): z.output<typeof snapshotSchema> {
  return {
    snapshot_id: row.id,
    name: row.sandbox,
    service: row.service,
    image: row.image,
    engine: row.engine,
    ...(row.size_bytes !== null && { size_bytes: row.size_bytes }),
    ...(row.note !== null && { note: row.note }),
    created_at: row.created_at.toISOString(),
  };
}

export function showTemplate({ id, name, description, category }: Template, services: readonly string[]) {
  return { template_id: id, name, description, category, services: [...services] };
}

import type { JsonValue } from '../integrity/parse-strict.ts';
import type { BuiltInFamily, Family, Loss, Rendered, WrittenServer } from './family.ts';
import { toText } from './format.ts';
import type { NeutralConfig } from './neutral.ts';
import { writeServer } from './write-server.ts';

/**
 * A neutral configuration in a client's own format. What the client cannot be told is a loss: an error where the file would
 * say something else than was meant, and then the server is left out of it; a warning where it only says less.
 */
export function render(family: BuiltInFamily, config: NeutralConfig): Rendered {
  const losses: Loss[] = [...(family.losses?.(config) ?? [])];
  const inputs = new Map(config.inputs.map((input) => [input.id, input]));
  const servers: WrittenServer[] = [];
  for (const [at, server] of config.servers.entries()) {
    const written = writeServer(server, at, family, inputs);
    losses.push(...written.losses);
    if (written.server) servers.push(written.server);
  }
  const payload = family.document(servers, config);
  return { payload, text: toText(payload, family.format), format: family.format, losses };
}

/** A payload of one's own in its family's format: nothing is lost, unless the format has no form for it, as TOML for null. */
export function renderOpaque({ format }: Family, payload: JsonValue): Rendered {
  try {
    return { payload, text: toText(payload, format), format, losses: [] };
  } catch {
    const why = `This payload cannot be written as ${format}.`;
    return { payload, text: '', format, losses: [{ pointer: '', feature: 'format', why, severity: 'error' }] };
  }
}

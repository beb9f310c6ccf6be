import type { BuiltInFamily, Loss, Place, WrittenServer } from './family.ts';
import { type NeutralInput, type NeutralServer, pointerOf } from './neutral.ts';
import { type Texts, textsOf } from './texts.ts';

/** A server in a client's terms, and what was lost on the way; no server where that would say something else. */
export function writeServer(
  server: NeutralServer,
  at: number,
  family: BuiltInFamily,
  inputs: ReadonlyMap<string, NeutralInput>,
): { server?: WrittenServer; losses: Loss[] } {
  const whole = family.identity ? identified(server, family.identity) : server;
  const losses = missing(whole, at, family);
  if (server.enabled === false && !family.expresses.enabled) return { losses };
  const written = withTexts(whole, textsOf(family, inputs, ['servers', at], losses), family);
  return losses.some(({ severity }) => severity === 'error') ? { losses } : { server: written, losses };
}

/** What of this server the client has no field for. */
function missing(server: NeutralServer, at: number, { expresses, title }: BuiltInFamily): Loss[] {
  const { transports, cwd, timeout, tools } = expresses;
  const lost = (path: string, feature: string, why: string, severity: Loss['severity'] = 'error'): Loss[] => [
    { pointer: `${pointerOf(['servers', at])}/${path}`, feature, why, severity },
  ];
  if (server.enabled === false && !expresses.enabled) {
    return lost('enabled', 'enabled', `${title} knows no server that is switched off: it is left out.`, 'warning');
  }
  const found: Loss[] = [];
  if (!transports.includes(server.transport))
    found.push(...lost('transport', 'transport', `${title} does not reach a server by ${server.transport}.`));
  if (server.cwd !== undefined && !cwd)
    found.push(...lost('cwd', 'cwd', `${title} cannot be told where a command runs: it would run elsewhere.`));
  const shown = shownTools(server.tools);
  for (const list of ['allow', 'deny'] as const) {
    if (shown[list] !== undefined && !tools[list])
      found.push(...lost(`tools/${list}`, `tools.${list}`, `${title} has no such list: hidden tools would show.`));
  }
  if (shown.allow?.length === 0)
    found.push(...lost('tools', 'tools.allow', 'No tool is left, and some clients take that for all of them.'));
  if (server.timeout_ms !== undefined && !timeout)
    found.push(...lost('timeout_ms', 'timeout', `${title} keeps a timeout of its own.`, 'warning'));
  if (timeout === 's' && (server.timeout_ms ?? 0) % 1000 !== 0)
    found.push(...lost('timeout_ms', 'timeout', `${title} counts in seconds: it is rounded up.`, 'warning'));
  return found;
}

/** One list that says what both say: clients differ in which of two wins. */
function shownTools({ allow, deny }: NonNullable<NeutralServer['tools']> = {}): WrittenServer['tools'] {
  if (allow) return { allow: allow.filter((tool) => !deny?.includes(tool)) };
  return deny?.length ? { deny } : {};
}

/** What a policy sees of a server. */
function identified(server: NeutralServer, places: readonly Place[]): NeutralServer {
  const { name, transport, tools, enabled, ...rest } = server;
  const kept = Object.entries(rest).filter(([field]) => (places as readonly string[]).includes(field));
  return { ...Object.fromEntries(kept), name, transport, tools, enabled };
}

function withTexts(server: NeutralServer, texts: Texts, { expresses }: BuiltInFamily): WrittenServer {
  const { name, transport, command, args, cwd, env, url, headers, tools, timeout_ms, enabled, description } = server;
  const environment = texts.map(env, 'env');
  const sent = texts.map(headers, 'headers');
  const said = expresses.description && description ? texts.one(description, 'description') : undefined;
  const unit = expresses.timeout === 's' ? 1000 : 1;
  return {
    name,
    transport,
    command: command === undefined ? '' : (texts.one(command, 'command') ?? ''),
    args: (args ?? []).map((text, index) => texts.one(text, 'args', index) ?? ''),
    env: environment.written,
    url: url === undefined ? '' : (texts.one(url, 'url') ?? ''),
    headers: sent.written,
    forwarded: {
      env: environment.forwarded,
      headers: sent.forwarded,
      ...(sent.bearer === undefined ? {} : { bearer: sent.bearer }),
    },
    tools: shownTools(tools),
    enabled: enabled ?? true,
    ...(cwd === undefined || !expresses.cwd ? {} : { cwd: texts.one(cwd, 'cwd') ?? '' }),
    ...(said === undefined ? {} : { description: said }),
    ...(timeout_ms === undefined || !expresses.timeout ? {} : { timeout: Math.ceil(timeout_ms / unit) }),
  };
}

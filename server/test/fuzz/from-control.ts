import { hostileObject, hostileText, hostileValue, mangleJson } from './hostile.ts';
import type { Random } from './random.ts';
import type { FuzzRequest, Kind } from './request.ts';

/** A line for the owner-only socket of the data directory. */
export function controlRequest(random: Random): FuzzRequest {
  const kind = random.pick<Kind>(['valid', 'near-valid', 'hostile']);
  const line = { ask: 'token', toolsets: ['lake'], read_only: random.chance(0.5), ttl_s: random.int(1, 60) };
  const text = Buffer.from(
    JSON.stringify(kind === 'valid' ? line : kind === 'near-valid' ? spoilt(line, random) : odd(line, random)),
  );
  const bytes = kind === 'hostile' && random.chance(0.4) ? mangleJson(text.toString(), random) : text;
  return {
    surface: 'control',
    kind,
    label: 'control socket',
    caller: 'none',
    method: '',
    path: '',
    headers: [],
    body: Buffer.alloc(0),
    chunks: random.chance(0.1) ? [bytes] : [Buffer.concat([bytes, Buffer.from('\n')])],
  };
}

function spoilt(line: object, random: Random): object {
  return random.pick<object>([
    { ...line, ttl_s: random.pick([0, -1, 86_401, 1.5, 1e308]) },
    { ...line, toolsets: random.pick<unknown>([[], ['nothing'], 'lake', null]) },
    { ...line, ask: 'admin' },
    { ...line, scopes: ['admin'] },
    { ...line, variables: { PATH: '/x' } },
    { ...line, variables: { ORCHESTRA_API_KEY: 'x'.repeat(random.pick([1, 8192, 8193])) } },
    {},
  ]);
}

function odd(line: object, random: Random): unknown {
  return random.pick<() => unknown>([
    () => hostileValue(random),
    () => ({ ...line, ...hostileObject(random) }),
    () => ({ ...line, variables: hostileObject(random) }),
    () => ({ ...line, toolsets: hostileText(random) }),
    () => 'x'.repeat(random.int(60_000, 70_000)),
  ])();
}

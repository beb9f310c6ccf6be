import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, decide, type OpenJob, type Situation } from './decide.ts';
import { content, job, now, rule, situation } from './decide-fixtures.ts';
import { precedence } from './known.ts';

/** A lake with one target: what `decide` rests on, and what its actions do to it. */
interface World {
  now: number;
  versions: string[];
  bad: Set<string>;
  wanted: number;
  since: number;
  changed: number;
  generation: number;
  served: { version: string; since: number } | undefined;
  policies: Map<string, object>;
  jobs: (OpenJob & { generation: number })[];
  tried: Map<string, { id: string; state: string; at: number }>;
  validated: Set<string>;
  reading: boolean;
  readAt: number | undefined;
}

const fresh = (): World => ({
  now,
  versions: [],
  bad: new Set(),
  wanted: -1,
  since: now,
  changed: now,
  generation: 0,
  served: undefined,
  policies: new Map(),
  jobs: [],
  tried: new Map(),
  validated: new Set(),
  reading: false,
  readAt: undefined,
});

const ruling = (world: World) => precedence.find((name) => world.policies.has(name));
const wantedOf = (world: World) => world.versions[world.wanted];

function seen(world: World): Situation {
  const name = ruling(world);
  const version = wantedOf(world);
  return situation({
    now: world.now,
    rule: name && rule(name, world.policies.get(name)),
    wanted: version === undefined ? undefined : { ...content(version), since: world.since, changed: world.changed },
    served: world.served && { ...content(world.served.version), since: world.served.since },
    jobs: world.jobs,
    tried: {
      validate: world.tried.get(`validate ${world.generation}`),
      ingest: world.tried.get(`ingest ${world.generation}`),
    },
    validation:
      version !== undefined && world.validated.has(version)
        ? { passed: !world.bad.has(version), job_id: 'job_v', failed_rules: [] }
        : undefined,
    reading: world.reading,
    readAt: world.readAt,
  });
}

/** Carries actions out until none but waiting is left; that must come soon. */
function settle(world: World): void {
  for (let round = 0; ; round += 1) {
    expect(round).toBeLessThan(5);
    const actions = decide(seen(world)).actions.filter((action) => action.do !== 'later');
    if (actions.length === 0) return;
    for (const action of actions) carryOut(world, action);
    expect(world.jobs.filter((one) => one.kind === 'ingest').length).toBeLessThanOrEqual(1);
  }
}

function carryOut(world: World, action: Action): void {
  const version = wantedOf(world) ?? '';
  const add = (kind: OpenJob['kind']) => {
    const id = `job ${kind} ${world.generation}`;
    expect(world.tried.has(`${kind} ${world.generation}`), 'a job is not added twice').toBe(false);
    const policy = ruling(world) ?? null;
    world.jobs.push({ ...job({ id, kind, version, policy }), generation: world.generation });
  };
  if (action.do === 'cancel') world.jobs = world.jobs.filter(({ id }) => id !== action.job_id);
  if (action.do === 'validate') add('validate');
  if (action.do === 'ingest') {
    expect(world.validated.has(version) && world.bad.has(version), 'what failed is not ingested').toBe(false);
    if (ruling(world) !== 'lazy') expect(world.validated.has(version)).toBe(true);
    add('ingest');
  }
  if (action.do === 'renew') change(world, 0);
  if (action.do === 'evict') {
    world.served = undefined;
    world.reading = false;
    change(world, 0);
  }
}

function change(world: World, by: number): void {
  world.generation += 1;
  world.changed = world.now;
  if (by > 0 && world.served?.version === world.versions[world.wanted - by]) world.since = world.now;
}

/** Ends the first job, if one is there. */
function work(world: World, fails: boolean): void {
  const [done] = world.jobs;
  if (!done) return;
  world.jobs = world.jobs.slice(1);
  const version = done.version ?? '';
  world.tried.set(`${done.kind} ${done.generation}`, {
    id: done.id,
    state: fails ? 'failed' : 'succeeded',
    at: world.now,
  });
  if (fails) return;
  if (done.kind === 'validate') world.validated.add(version);
  else world.served = { version, since: world.now };
}

type Move = (world: World) => void;
const commit =
  (isBad: boolean): Move =>
  (world) => {
    world.versions.push(`v${world.versions.length + 1}`);
    world.wanted = world.versions.length - 1;
    if (isBad) world.bad.add(wantedOf(world) ?? '');
    change(world, 1);
  };
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.boolean().map(commit),
  fc.constantFrom(...precedence).map(
    (name): Move =>
      (world) => {
        world.policies.set(name, {});
        world.generation += 1;
      },
  ),
  fc.constantFrom(...precedence).map(
    (name): Move =>
      (world) =>
        void world.policies.delete(name),
  ),
  fc.constant<Move>((world) => work(world, false)),
  fc.constant<Move>((world) => work(world, true)),
  fc.constant<Move>((world) => {
    const [first, ...rest] = world.jobs;
    if (first) world.jobs = [{ ...first, queued: false }, ...rest];
  }),
  fc.integer({ min: 0, max: 5000 }).map(
    (ms): Move =>
      (world) => {
        world.now += ms;
      },
  ),
  fc.constant<Move>((world) => {
    world.reading = true;
    world.readAt = world.now;
  }),
  fc.constant<Move>((world) => {
    if (world.wanted <= 0) return;
    world.wanted -= 1;
    change(world, 0);
  }),
);

describe('over all that can happen', () => {
  test('one builder, nothing twice, and no version that failed its validation is served', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 60, size: 'max' }), (made) => {
        const world = fresh();
        for (const move of made) {
          move(world);
          settle(world);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each(['hot-index', 'busy-beaver', 'lazy'])('%s: the newest valid version ends up served', (name) => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 40, size: 'max' }), (made) => {
        const world = fresh();
        for (const move of made) {
          move(world);
          settle(world);
        }
        for (const other of precedence) world.policies.delete(other);
        world.policies.set(name, {});
        commit(false)(world);
        world.generation += 1;
        world.reading = true;
        for (let left = 0; left < 8; left += 1) {
          world.now += 2000;
          settle(world);
          work(world, false);
        }
        expect(world.served?.version).toBe(wantedOf(world));
        expect(decide(seen(world))).toEqual({ actions: [], standing: { state: 'served' } });
      }),
      { numRuns: 300 },
    );
  });
});

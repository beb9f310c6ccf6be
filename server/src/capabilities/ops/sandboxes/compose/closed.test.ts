import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { hardenDocument } from './harden.ts';
import { checkDocument } from './policy.ts';
import { Refused, readYaml, writeYaml } from './read-yaml.ts';
import { readDocument } from './schema.ts';

const policy = { maxMemoryBytes: 2 ** 30, maxCpus: 2, maxPids: 512, capabilities: {}, project: 'p' };

/** Mostly what is taken, so that documents get through, and now and then what is not. */
function mostly<T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: bad });
}

const mounts = mostly<unknown>(
  fc.constantFrom('data:/data', 'data:/b/c:ro', { type: 'volume', source: 'data', target: '/a' }),
  fc.oneof(
    fc.constantFrom('/:/host', './x:/x', 'other:/x', '/x', 'data:/proc/x', ''),
    fc.record({
      type: fc.constantFrom('volume', 'bind', 'tmpfs', 'npipe'),
      source: fc.constantFrom('data', '/', '/etc', 'other'),
      target: fc.constantFrom('/a', '/b/c', '/proc', '../x'),
    }),
  ),
);
const ports = mostly<unknown>(
  fc.oneof(fc.constantFrom('80', '127.0.0.1::80', '127.0.0.1:8080:80/udp'), fc.integer({ min: 1, max: 65_535 })),
  fc.oneof(
    fc.constantFrom('80:80', '0.0.0.0::80', ':80:80', '::1:80:80', '80-90'),
    fc.record({ target: fc.nat(70_000), published: fc.nat(70_000), host_ip: fc.constantFrom('127.0.0.1', '0.0.0.0') }),
  ),
);
const usual = fc.record(
  {
    image: mostly(fc.constantFrom('a', 'b:1'), fc.constantFrom('-x', '')),
    command: fc.oneof(fc.constant('a b'), fc.array(fc.string())),
    environment: mostly<unknown>(
      fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
      fc.oneof(fc.array(fc.string()), fc.dictionary(fc.string(), fc.constant(null))),
    ),
    ports: fc.array(ports, { maxLength: 2 }),
    volumes: fc.uniqueArray(mounts, { maxLength: 2, selector: (one) => JSON.stringify(one) }),
    tmpfs: mostly(fc.constantFrom('/tmp', '/tmp:size=1m'), fc.constantFrom('/tmp:suid', '/sys', '/tmp:size=9g')),
    networks: fc.array(mostly(fc.constantFrom('default', 'inner'), fc.constantFrom('host', 'none')), { maxLength: 2 }),
    user: mostly(fc.constantFrom('root', '0', '1000:1000'), fc.constant('a b')),
    mem_limit: mostly<unknown>(fc.constantFrom('64m', '1g'), fc.oneof(fc.constantFrom('100g', '0'), fc.integer())),
  },
  { requiredKeys: ['image'] },
);
const unusual = fc.oneof(
  ...[
    { cap_add: ['SYS_ADMIN'] },
    { privileged: true },
    { pid: 'host' },
    { network_mode: 'host' },
    { devices: ['/dev/sda'] },
    { restart: 'always', init: false, read_only: true, cap_drop: [] },
  ].map((one) => fc.constant(one)),
);
const service = fc
  .tuple(usual, mostly<object>(fc.constant({}), unusual))
  .map(([good, other]) => ({ ...good, ...other }));
const document = fc.record(
  {
    services: fc.dictionary(mostly(fc.constantFrom('a', 'b'), fc.constantFrom('A', '__proto__')), service, {
      minKeys: 1,
      maxKeys: 2,
    }),
    volumes: mostly<object>(
      fc.constant({ data: null }),
      fc.constantFrom({ data: { driver_opts: { device: '/' } } }, { data: { external: true } }),
    ),
    networks: mostly<object>(fc.constant({ inner: { internal: true } }), fc.constant({ inner: { external: true } })),
  },
  { requiredKeys: ['services', 'volumes', 'networks'] },
);

const known = new Set(
  [
    'image command entrypoint environment expose ports volumes tmpfs depends_on healthcheck networks dns labels user working_dir',
    'init restart read_only tty stdin_open cap_drop cap_add security_opt mem_limit memswap_limit cpus pids_limit ulimits shm_size',
    'stop_grace_period stop_signal logging',
  ]
    .join(' ')
    .split(' '),
);

interface Hardened {
  services: Record<
    string,
    { ports?: string[]; volumes?: string[]; tmpfs?: string[]; environment: object; mem_limit: number } & object
  >;
  volumes: Record<string, object>;
  networks: Record<string, object>;
}

test('whatever comes in, what goes out is walled in', () => {
  let taken = 0;
  fc.assert(
    fc.property(document, (given) => {
      let out: Hardened;
      try {
        const checked = checkDocument(readDocument(readYaml(writeYaml(given))), policy);
        out = readYaml(
          writeYaml(
            hardenDocument(checked, { labels: { l: 'x' }, egress: false, project: 'p', maxFileBytes: 2 ** 30 }),
          ),
        ) as Hardened;
      } catch (error) {
        if (error instanceof Refused) return;
        throw error;
      }
      taken += 1;
      for (const one of Object.values(out.services)) {
        expect(Object.keys(one).filter((key) => !known.has(key))).toEqual([]);
        expect(one).toMatchObject({
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          restart: 'no',
          init: true,
          labels: { l: 'x' },
        });
        expect(one).not.toHaveProperty('cap_add');
        expect(one.mem_limit).toBeLessThanOrEqual(2 ** 30);
        for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d*:\d+\/(tcp|udp)$/);
        for (const volume of one.volumes ?? []) expect(volume).toMatch(/^data:\/[abd]/);
        for (const memory of one.tmpfs ?? []) expect(memory).toMatch(/^\/[a-z/]+:.*size=\w+.*nosuid,nodev$/);
        expect(Object.values(one.environment).every((value) => typeof value === 'string')).toBe(true);
      }
      for (const volume of Object.values(out.volumes)) expect(volume).toEqual({ labels: { l: 'x' } });
      // Of others there is none: each is of the project, and made by the server.
      for (const [name, network] of Object.entries(out.networks))
        expect(network).toEqual({ external: true, name: `p_${name}` });
    }),
    { numRuns: 500 },
  );
  // Or the property would say nothing.
  expect(taken).toBeGreaterThan(20);
});

test('any other key, anywhere, is refused by its place', () => {
  const key = fc.string({ minLength: 1 }).filter((text) => !known.has(text));
  fc.assert(
    fc.property(key, fc.jsonValue(), (name, value) => {
      const all = { services: { a: { image: 'x', ...Object.fromEntries([[name, value]]) } } };
      if (Object.keys(all.services.a).length === 1) return;
      expect(() => readDocument(all)).toThrow(Refused);
      const above = Object.fromEntries([
        ['services', { a: { image: 'x' } }],
        [`x${name}`, value],
      ]);
      expect(() => readDocument(above)).toThrow(Refused);
    }),
  );
});

test('what is written is read alike by every reader, and is ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = writeYaml(value);
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
      expect(parse(text)).toEqual(parse(JSON.stringify(value)));
    }),
  );
});

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import { busybox } from './docker.ts';
import { dockerHost } from './docker-host.ts';
import type { TestServer } from './server.ts';
import { makeTempDir } from './temp-dir.ts';

const pair = `
services:
  web:
    image: ${busybox}
    command:
      - sh
      - -c
      - 'echo token $$TOKEN; mkdir -p /www; echo "$$GREETING" > /www/index.html; exec httpd -f -p 8080 -h /www'
    environment: {TOKEN: "\${TOKEN}", GREETING: "\${GREETING}"}
    ports: ["127.0.0.1::8080"]
    volumes: ["data:/data"]
    tmpfs: /memory
    depends_on: [side]
    mem_limit: 64m
    pids_limit: 40
  side:
    image: ${busybox}
    command: sleep 100000
    user: "1234:1234"
    read_only: true
volumes: {data: {}}
`;

const templates: Readonly<Record<string, string>> = {
  pair,
  'no-image': 'services: {a: {image: tutti-test/none:1}}',
  'no-start': `services: {a: {image: ${busybox}, command: sleep 1000, tmpfs: /bin/busybox}}`,
  'no-command': `services: {a: {image: ${busybox}, command: [/nonexistent]}}`,
  slow: `services: {a: {image: ${busybox}, command: sleep 1000}, b: {image: ${busybox}, command: sleep 1000}, c: {image: ${busybox}, command: sleep 1000}}`,
  'never-well': `services: {
    a: {image: ${busybox}, command: sleep 1000, healthcheck: {test: [CMD, test, -e, /well], interval: 1s, retries: 1000}},
    b: {image: ${busybox}, command: sleep 1000, depends_on: {a: {condition: service_healthy}}}}`,
  inner: `services: {web: {image: ${busybox}, command: sleep 1000}, side: {image: ${busybox}, command: [httpd, -f, -p, "80"]}}`,
  single: `services: {web: {image: ${busybox}, command: sleep 1000}}`,
  filled: `services: {web: {image: ${busybox}, command: sleep 1000, volumes: ["data:/data"], mem_limit: 32m}}\nvolumes: {data: {}}`,
  declared: 'services: {web: {image: "tutti-test/with-volume", command: sleep 1000}}',
  bare: 'services: {a: {image: tutti-test/no-shell, entrypoint: [/bin/sleep, "1000"]}}',
  hostile: `services: {a: {image: ${busybox}, privileged: true, volumes: ["/:/host"], ports: ["80:80"]}}`,
};

/** A directory of an operator's templates that need no image but those of the tests. */
export function makeTemplates(): string {
  const directory = makeTempDir('templates');
  for (const [id, compose] of Object.entries(templates)) {
    mkdirSync(path.join(directory, id));
    writeFileSync(path.join(directory, id, 'compose.yml'), compose);
    const more =
      id === 'pair' ? 'generated: [TOKEN]\nparameters: {GREETING: {description: What it says, default: hello}}\n' : '';
    writeFileSync(path.join(directory, id, 'template.yml'), `name: ${id}\ndescription: Of the tests\n${more}`);
  }
  return directory;
}

/** How much of its sandboxes a server has on the engine of the tests: containers, networks and volumes. */
export async function leftOf({ database }: TestServer): Promise<Record<string, number>> {
  const server = `io.tutti.server=${await installationId(database.db, () => 'srv_test')}`;
  const { docker } = await createEngine(dockerHost);
  const filters = { label: [server, 'io.tutti.kind=sandbox'] };
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return { containers: containers.length, networks: networks.length, volumes: (Volumes ?? []).length };
}

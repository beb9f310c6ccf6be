import { expect, test } from 'vitest';
import { networkKinds } from './networks.ts';
import { checkDocument } from './policy.ts';
import { readYaml } from './read-yaml.ts';
import { readDocument } from './schema.ts';

const policy = { maxMemoryBytes: 2 ** 30, maxCpus: 2, maxPids: 512, capabilities: {}, project: 'p' };
const kinds = (text: string, egress = false) =>
  networkKinds(checkDocument(readDocument(readYaml(text)), policy), egress);

test('a network is as closed as its services let it be', () => {
  const two = `services:
  web: {image: a, ports: ["80"], networks: [front]}
  worker: {image: a, networks: [front, back]}
  store: {image: a, networks: [back]}
networks: {front: {}, back: {}, unused: {}}`;
  expect(kinds(two)).toEqual({ front: 'ports', back: 'sealed' });
  expect(kinds(two, true)).toEqual({ front: 'egress', back: 'egress' });
  expect(kinds(two.replace('back: {}', 'back: {internal: true}'), true)).toEqual({ front: 'egress', back: 'sealed' });
  expect(kinds('services: {a: {image: a}}')).toEqual({ default: 'sealed' });
  expect(kinds('services: {a: {image: a}, b: {image: a, ports: ["80"]}}')).toEqual({ default: 'ports' });
});

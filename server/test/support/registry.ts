import { rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Engine } from '../../src/capabilities/ops/docker/client.ts';
import { busybox } from './docker.ts';
import { dockerHost } from './docker-host.ts';
import { makeTempDir } from './temp-dir.ts';

/** The registry of the tests with its user, as `.ci/registry start` prints it. */
const registryUrl = process.env.TEST_REGISTRY_URL ?? '';

/** Tests that need a Docker engine and a registry: skipped by name where either is missing. */
export const describeRegistry = describe.skipIf(dockerHost === '' || registryUrl === '');

/** Of the layer that an image of the tests adds: more than all that is no layer. */
const layerBytes = 400_000;

/** The registry of the tests, by an address of its own that can make layers slow. */
export interface TestRegistry {
  /** Host and port: the beginning of its images' names. */
  readonly host: string;
  readonly username: string;
  /** As `file:/path`. */
  readonly password: string;
  /** The same for a password that is not right. */
  readonly wrongPassword: string;
  /** Makes a new image that says `mark` in /mark, pushes it and has the engine forget it. Answers `host/name@sha256:…`. */
  push(engine: Engine, name: string, mark: string): Promise<string>;
  /** What was asked for since it was last asked: `GET <path>`. */
  requests(): string[];
  /** Has layers come a few bytes at a time from now on, or lets them come. */
  hold(held: boolean): void;
  /** Layers that come so. */
  readonly waiting: () => number;
  /** Removes what came from it from the engine, and closes. */
  close(engine: Engine): Promise<void>;
}

export async function openRegistry(): Promise<TestRegistry> {
  const upstream = new URL(registryUrl);
  const dir = makeTempDir('registry');
  const [username, password] = [upstream.username, upstream.password];
  writeFileSync(path.join(dir, 'password'), password);
  writeFileSync(path.join(dir, 'wrong'), 'not-the-password-of-it');
  let asked: string[] = [];
  let held = false;
  const waiting = new Set<ServerResponse>();
  /** Not nothing at all: an engine sees only with the next bytes that nobody wants them any more. */
  async function trickle(answer: Readable, response: ServerResponse): Promise<void> {
    waiting.add(response);
    response.on('close', () => waiting.delete(response));
    const bytes = await buffer(answer);
    let sent = 0;
    for (; held && !response.destroyed; sent += 64) {
      response.write(bytes.subarray(sent, sent + 64));
      await sleep(50);
    }
    response.end(bytes.subarray(sent));
  }
  const proxy = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    asked.push(`${method} ${url}`);
    const onward = request({ host: upstream.hostname, port: upstream.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      const isLayer = method === 'GET' && Number(answer.headers['content-length']) > layerBytes / 2;
      if (held && isLayer) void trickle(answer, response);
      else answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    host,
    username,
    password: `file:${path.join(dir, 'password')}`,
    wrongPassword: `file:${path.join(dir, 'wrong')}`,
    async push({ docker }, name, mark) {
      const [repo, tag = 'latest'] = [`${host}/${name.split(':')[0]}`, name.split(':')[1]];
      const container = await docker.createContainer({
        Image: busybox,
        Cmd: ['sh', '-c', `echo ${mark} >/mark; head -c ${layerBytes} /dev/urandom >/layer`],
      });
      try {
        await container.start();
        await container.wait();
        await container.commit({ repo, tag });
      } finally {
        await container.remove({ force: true });
      }
      const authconfig = { username, password, serveraddress: host };
      const told = await text((await docker.getImage(repo).push({ tag, authconfig })) as Readable);
      await docker.getImage(`${repo}:${tag}`).remove();
      const digest = /"Digest":"(sha256:[a-f0-9]{64})"/.exec(told)?.[1];
      if (digest === undefined) throw new Error(`not pushed: ${told.slice(-500)}`);
      return `${repo}@${digest}`;
    },
    requests() {
      const all = asked;
      asked = [];
      return all;
    },
    hold(now) {
      held = now;
    },
    waiting: () => waiting.size,
    async close({ docker }) {
      const images = await docker.listImages();
      const names = images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
      for (const name of names.filter((one) => one.startsWith(`${host}/`))) {
        // With its last name an image takes its digests along.
        await docker.getImage(name).remove().catch(unlessStatus404);
      }
      proxy.close();
      proxy.closeAllConnections();
      rmSync(dir, { recursive: true });
    },
  };
}

function unlessStatus404(error: { statusCode?: number }): void {
  if (error.statusCode !== 404) throw error;
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine, pingEngine } from '../../src/capabilities/ops/docker/client.ts';
import { busybox } from './docker.ts';
import { dockerHost } from './docker-host.ts';
import { makeTempDir } from './temp-dir.ts';

/** A Docker engine of a test's own, in a network namespace of its own, with the image of the shell. */
export interface Dockerd {
  readonly host: string;
  /** Ends it by a signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  restart(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

export async function startDockerd(): Promise<Dockerd> {
  const home = makeTempDir('dockerd');
  const host = `unix://${home}/docker.sock`;
  let child = await launch(home, host);
  const [from, to] = [await createEngine(dockerHost), await createEngine(host)];
  const image = await from.docker.getImage(busybox).get();
  const loaded = await to.docker.loadImage(image);
  for await (const _ of loaded as AsyncIterable<unknown>);
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  const start = async () => {
    child = await launch(home, host);
  };
  return {
    host,
    end,
    start,
    async restart(signal) {
      await end(signal);
      await start();
    },
    async stop() {
      for (const { Id } of await to.docker.listContainers({ all: true })) {
        await to.docker.getContainer(Id).remove({ force: true, v: true });
      }
      await end('SIGTERM');
      // What a killed daemon left mounted.
      const mounts = readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .map((line) => line.split(' ')[1] ?? '');
      const left = mounts
        .filter((mount) => mount.startsWith(`${home}/`))
        .sort()
        .reverse();
      for (const mount of left) spawnSync('umount', ['-l', mount]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** `unshare` becomes the daemon, so that signals reach that. */
async function launch(home: string, host: string): Promise<ChildProcess> {
  const at = (name: string) => path.join(home, name);
  const daemon = ['--host', host, '--data-root', at('data'), '--exec-root', at('run'), '--pidfile', at('pid')];
  // Of a killed daemon's containerd: where nobody waits for orphans, its id looks alive for ever.
  rmSync(at('run/containerd/containerd.pid'), { force: true });
  const log = openSync(at('log'), 'a');
  const child = spawn('unshare', ['--net', 'dockerd', ...daemon, '--bridge=none', '--iptables=false'], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let gone = false;
  child.once('exit', () => {
    gone = true;
  });
  const engine = await createEngine(host);
  for (;;) {
    if (gone) throw new Error(`the daemon ended: ${readFileSync(at('log'), 'utf8').slice(-2000)}`);
    const up = await pingEngine(engine).then(
      () => true,
      () => false,
    );
    if (up) return child;
    await sleep(100);
  }
}

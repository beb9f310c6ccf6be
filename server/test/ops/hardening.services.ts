import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureNetwork, removeNetwork } from '../../src/capabilities/ops/docker/networks.ts';
import { defaultLimits } from '../../src/capabilities/ops/runner/profile.ts';
import { createTestEngine, describeDocker, outline, python, type TestEngine } from '../support/docker.ts';

describeDocker('a hardened container', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine();
  });
  afterAll(() => engine?.close());

  /** What each command printed, or its code where it failed. */
  const say = async (commands: string[], spec = {}) => {
    const result = await engine.run(
      commands.map((command) => `{ ${command}; } 2>&1 || echo "failed $?"`),
      {},
      spec,
    );
    return outline(result).map(([, stdout]) => String(stdout).trim());
  };

  test('its user, capabilities, privileges and file systems, seen from inside', async () => {
    const [id, caps, privileges, seccomp, root, work, tmp, home] = await say(
      [
        'id',
        'grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb)" /proc/self/status',
        'grep NoNewPrivs /proc/self/status',
        'grep "^Seccomp:" /proc/self/status',
        'touch /x; touch /etc/x; touch /bin/x',
        'stat -c "%u %g %a" /work; touch /work/x; grep " /work " /proc/mounts',
        'touch /tmp/x && grep " /tmp " /proc/mounts',
        'echo $HOME; pwd',
      ],
      { uid: 23_456 },
    );
    expect(id).toBe('uid=23456 gid=23456 groups=23456');
    expect(caps?.split('\n').map((line) => line.split('\t')[1])).toEqual(Array(5).fill('0000000000000000'));
    expect(privileges).toBe('NoNewPrivs:\t1');
    expect(seccomp).toBe('Seccomp:\t2');
    expect(root?.match(/Read-only file system/g)).toHaveLength(3);
    expect(work).toMatch(
      /^23456 23456 700\ntmpfs \/work tmpfs rw,nosuid,nodev,.*size=131072k,mode=700,uid=23456,gid=23456/,
    );
    expect(tmp).toMatch(/^tmpfs \/tmp tmpfs rw,nosuid,nodev,/);
    expect(home).toBe('/work\n/work');
  });

  test('no way to other machines, processes, devices or the engine', async () => {
    const [links, ping, processes, devices, mounts, sockets, mount, chown, proc] = await say([
      'ls /sys/class/net',
      'ping -c 1 -W 1 127.0.0.2 >/dev/null; ping -c 1 -W 1 1.1.1.1',
      'ls -d /proc/[0-9]* | wc -l',
      'ls /dev; cat /dev/mem; cat /dev/kmsg; mknod /work/d b 8 0',
      'cut -d " " -f 2 /proc/mounts | grep -vE "^/(proc|sys|dev|etc/(resolv.conf|hostname|hosts))|^/(work|tmp|sbin/docker-init)?$"',
      'ls /var/run/docker.sock /run/docker.sock',
      'mount -t tmpfs x /work; unshare -Ur id',
      'chown 0 /work',
      'echo 1 > /proc/sys/kernel/panic; echo b > /proc/sysrq-trigger; dmesg',
    ]);
    expect(links).toBe('lo');
    expect(ping).toMatch(/unreachable|permitted|denied/i);
    expect(Number(processes)).toBeLessThan(8);
    expect(devices).not.toMatch(/^(mem|vda|sda|kvm|fuse)$/m);
    expect(devices).toMatch(/failed/);
    expect(mounts).toBe('failed 1');
    expect(sockets).toMatch(/No such file/);
    expect(mount).toMatch(/(denied|permitted)(.|\n)*(denied|permitted)/i);
    expect(chown).toMatch(/not permitted/);
    expect(proc).toMatch(/panic: Read-only file system/);
    expect(proc).toMatch(/klogctl: Operation not permitted/);
  });

  test('its limits hold: memory, processes, files, sizes', async () => {
    const limits = { ...defaultLimits, work_bytes: 4 * 2 ** 20, file_bytes: 2 ** 20, open_files: 64, pids: 20 };
    const [file, full, open, core, sparse] = await say(
      [
        'dd if=/dev/zero of=a bs=64k count=64; ls -l a | tr -s " " | cut -d " " -f 5; rm a',
        'for n in 1 2 3 4 5 6; do dd if=/dev/zero of=b$n bs=64k count=15 || break; done; df -k /work | tail -n 1; rm -f b*',
        'ulimit -n; ulimit -Hn',
        'ulimit -c; ulimit -Hc',
        'dd if=/dev/zero of=s bs=1 count=1 seek=20G',
      ],
      { limits },
    );
    expect(file).toMatch(/^1048576$/m);
    expect(full).toMatch(/No space left/);
    expect(open).toBe('64\n64');
    expect(core).toBe('0\n0');
    expect(sparse).toMatch(/too large|failed/i);
  });

  test('a fork bomb ends within its container, and the engine goes on', async () => {
    const stop = AbortSignal.timeout(4000);
    const limits = { ...defaultLimits, pids: 40 };
    const bomb = engine.run(['b() { b | b & }; b; sleep 30'], { stop }, { limits });
    const [[, beside] = []] = outline(await engine.run(['echo well']));
    expect(beside).toBe('well\n');
    const result = await bomb;
    expect(result.exit_code).not.toBe(0);
  });

  test('a memory bomb is killed, and it is known why', async () => {
    const bomb = 'x = []\nwhile True: x.append(bytearray(10**7))';
    const limits = { ...defaultLimits, memory_bytes: 64 * 2 ** 20 };
    const result = await engine.run([`python3 -c '${bomb}'`, 'echo never'], {}, { image: python, limits });
    expect(result).toMatchObject({ how: 'finished', exit_code: 137, oom_killed: true });
    expect(outline(result)).toHaveLength(1);
    expect(result.record.usage?.memory_peak_bytes).toBeGreaterThan(32 * 2 ** 20);
    const well = await engine.run([`python3 -c 'print(2 ** 10)'`], {}, { image: python });
    expect(well).toMatchObject({ exit_code: 0, oom_killed: false });
  });

  test('volumes that an image declares are memory of bounded size, not the disk of the machine', async () => {
    const tag = `tutti-test/volume-${randomBytes(4).toString('hex')}`;
    const base = await engine.docker.createContainer({ Image: python, Cmd: ['true'] });
    const [repo, changes] = [tag, 'VOLUME /data'];
    await base.commit({ repo, changes });
    await base.remove();
    try {
      const limits = { ...defaultLimits, tmp_bytes: 2 ** 20 };
      const before = await engine.volumes();
      const id = await engine.park({ image: tag, limits });
      const result = await engine.run(['cat /proc/mounts; cat /dev/zero > /data/x; true'], {}, id);
      expect(outline(result)[0]?.[1]).toMatch(/^tmpfs \/data tmpfs rw,.*size=1024k/m);
      expect(outline(result)[0]?.[2]).toMatch(/No space left/);
      expect(
        (await engine.docker.getContainer(id).inspect()).Mounts.map(({ Type, Destination }) => [Type, Destination]),
      ).toEqual(expect.arrayContaining([['volume', '/work']]));
      expect((await engine.volumes()).length).toBe(before.length + 1);
    } finally {
      await engine.close();
      await engine.docker.getImage(tag).remove();
    }
  });

  test.each(['internal', 'egress'] as const)(
    'on a network of its own (%s) it meets no other container',
    async (kind) => {
      // Twins too make one.
      const names = await Promise.all([1, 2, 3].map(() => ensureNetwork(engine, engine.server, kind)));
      const name = names[0] ?? '';
      expect(new Set(names).size).toBe(1);
      try {
        const other = await engine.park({ network: name });
        const { NetworkSettings } = await engine.docker.getContainer(other).inspect();
        const address = NetworkSettings.Networks[name]?.IPAddress;
        const gateway = address?.replace(/\d+$/, '1');
        expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
        const [self, neighbour, outside, machine] = await say(
          [
            'ls /sys/class/net | tr "\\n" " "',
            `nc -w 2 ${address} 1 </dev/null && echo open || ping -c 1 -W 1 ${address}`,
            'nc -w 2 1.1.1.1 53 </dev/null && echo open || echo closed',
            `nc -w 2 ${gateway} 9 </dev/null`,
          ],
          { network: name },
        );
        expect(self).toBe('eth0 lo');
        expect(neighbour).not.toMatch(/refused|open|1 packets received/);
        if (kind === 'egress') return;
        expect(outside).toMatch(/closed/);
        // Refused would mean: reached.
        expect(machine).toMatch(/timed out|unreachable|failed/);
        expect(machine).not.toMatch(/refused/);
      } finally {
        await engine.close();
        await removeNetwork(engine, engine.server, kind);
      }
    },
  );
});

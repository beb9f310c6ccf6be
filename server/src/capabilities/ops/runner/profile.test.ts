import { expect, test } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import { type ContainerSpec, containerOptions, defaultLimits } from './profile.ts';

const spec: ContainerSpec = {
  name: 'tutti-01',
  image: 'sha256:abc',
  uid: 20_001,
  network: 'none',
  limits: {
    ...defaultLimits,
    memory_bytes: 64 * 2 ** 20,
    cpus: 0.5,
    work_bytes: 1000,
    tmp_bytes: 2000,
    file_bytes: 3000,
  },
  imageVolumes: ['/data', '/tmp', '/work'],
  server: 'srv_1',
  kind: 'job',
  job: 'job_1',
  expires: new Date('2030-01-01T00:00:00Z'),
};

test('the container is hardened, field by field', () => {
  const marks = {
    'io.tutti.server': 'srv_1',
    'io.tutti.kind': 'job',
    'io.tutti.job': 'job_1',
    'io.tutti.expires': '2030-01-01T00:00:00.000Z',
  };
  expect(containerOptions(spec)).toEqual({
    name: 'tutti-01',
    Image: 'sha256:abc',
    Entrypoint: ['/bin/sh', '-c', bootstrap],
    Cmd: [],
    User: '20001:20001',
    WorkingDir: '/work',
    Env: ['HOME=/work'],
    Labels: marks,
    Tty: false,
    OpenStdin: true,
    StdinOnce: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Init: true,
      Privileged: false,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      NetworkMode: 'none',
      PublishAllPorts: false,
      IpcMode: 'private',
      CapDrop: ['ALL'],
      CapAdd: [],
      GroupAdd: [],
      Devices: [],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
      NanoCpus: 500_000_000,
      PidsLimit: 128,
      Ulimits: [
        { Name: 'nofile', Soft: 1024, Hard: 1024 },
        { Name: 'fsize', Soft: 3000, Hard: 3000 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      ShmSize: 2000,
      Binds: [],
      Tmpfs: { '/tmp': 'rw,exec,nosuid,nodev,size=2000,mode=1777' },
      Mounts: [
        {
          Type: 'volume',
          Source: '',
          Target: '/work',
          VolumeOptions: {
            NoCopy: true,
            Labels: marks,
            DriverConfig: {
              Name: 'local',
              Options: { type: 'tmpfs', device: 'tmpfs', o: 'size=1000,uid=20001,gid=20001,mode=0700,nosuid,nodev' },
            },
          },
        },
        { Type: 'tmpfs', Source: '', Target: '/data', TmpfsOptions: { SizeBytes: 2000, Mode: 0o1777 } },
      ],
      LogConfig: { Type: 'local', Config: { 'max-size': '16m', 'max-file': '3', compress: 'false' } },
    },
  });
});

test.each(['host', 'bridge', 'default', 'container:abc', 'somebody', ''])('the network %j is refused', (network) => {
  expect(() => containerOptions({ ...spec, network })).toThrow('network');
});

test.each([0, 1000, 9999, 10_000.5, Number.NaN])('the uid %d is refused', (uid) => {
  expect(() => containerOptions({ ...spec, uid })).toThrow('uid');
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose, not of ours
import { expect, test } from 'vitest';
import { hardenDocument } from './harden.ts';
import type { ComposePolicy } from './policy.ts';
import { Refused } from './read-yaml.ts';
import { checkSource, resolveDocument } from './resolve.ts';

const policy: ComposePolicy = {
  maxMemoryBytes: 2 ** 30,
  maxCpus: 2,
  maxPids: 512,
  capabilities: { db: ['CHOWN', 'SETUID'] },
  project: 'tutti-test',
};
const values = { NAME: 'value', SECRET: 'a$b' };
const check = (text: string) => checkSource({ text, values, policy });

/** Where a document is refused; empty when it is taken. */
function refusals(text: string): string[] {
  try {
    check(text);
    return [];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.issues.map(({ path }) => path);
  }
}

const service = (line: string) => `
services:
  web:
    image: some/image
    ${line.replaceAll('\n', '\n    ')}
volumes: {data: {}}
`;

test.each([
  ['privileged', 'privileged: true'],
  ['privileged', 'privileged: "true"'],
  ['network_mode', 'network_mode: host'],
  ['network_mode', 'network_mode: "container:other"'],
  ['network_mode', 'network_mode: "service:db"'],
  ['pid', 'pid: host'],
  ['ipc', 'ipc: host'],
  ['ipc', 'ipc: "container:other"'],
  ['uts', 'uts: host'],
  ['cgroup', 'cgroup: host'],
  ['userns_mode', 'userns_mode: host'],
  ['cgroup_parent', 'cgroup_parent: /'],
  ['devices', 'devices: ["/dev/sda:/dev/sda"]'],
  ['device_cgroup_rules', 'device_cgroup_rules: ["a *:* rwm"]'],
  ['device_requests', 'device_requests: [{driver: nvidia, capabilities: [gpu]}]'],
  ['gpus', 'gpus: all'],
  ['cap_add', 'cap_add: [SYS_ADMIN]'],
  ['cap_add', 'cap_add: [ALL]'],
  ['cap_add', 'cap_add: [CHOWN]'],
  ['security_opt.0', 'security_opt: ["seccomp:unconfined"]'],
  ['security_opt.0', 'security_opt: ["apparmor=unconfined"]'],
  ['security_opt.0', 'security_opt: ["no-new-privileges:false"]'],
  ['security_opt.0', 'security_opt: ["label:disable"]'],
  ['sysctls', 'sysctls: {kernel.core_pattern: "|/bin/sh"}'],
  ['runtime', 'runtime: runc-root'],
  ['build', 'build: .'],
  ['build', 'build: {context: /, dockerfile_inline: "FROM x"}'],
  ['env_file', 'env_file: /etc/shadow'],
  ['env_file', 'env_file: [../../.env]'],
  ['extends', 'extends: {file: /etc/compose.yml, service: x}'],
  ['secrets', 'secrets: [key]'],
  ['configs', 'configs: [{source: key, target: /key}]'],
  ['credential_spec', 'credential_spec: {file: x}'],
  ['volumes_from', 'volumes_from: ["container:other"]'],
  ['external_links', 'external_links: [other]'],
  ['links', 'links: [db]'],
  ['extra_hosts', 'extra_hosts: ["metadata:169.254.169.254"]'],
  ['dns', 'dns: 1.1.1.1'],
  ['hostname', 'hostname: other'],
  ['container_name', 'container_name: tutti-other'],
  ['labels', 'labels: {io.tutti.server: other}'],
  ['labels', 'labels: ["com.docker.compose.project=other"]'],
  ['logging', 'logging: {driver: syslog, options: {syslog-address: "tcp://10.0.0.1:514"}}'],
  ['storage_opt', 'storage_opt: {size: 1T}'],
  ['ulimits', 'ulimits: {nofile: 1000000}'],
  ['group_add', 'group_add: [docker]'],
  ['oom_kill_disable', 'oom_kill_disable: true'],
  ['oom_score_adj', 'oom_score_adj: -1000'],
  ['memswap_limit', 'memswap_limit: -1'],
  ['mem_swappiness', 'mem_swappiness: 100'],
  ['isolation', 'isolation: default'],
  ['profiles', 'profiles: [x]'],
  ['pull_policy', 'pull_policy: always'],
  ['platform', 'platform: linux/arm64'],
  ['develop', 'develop: {watch: []}'],
  ['deploy', 'deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}'],
  ['scale', 'scale: 100'],
  ['post_start', 'post_start: [{command: x, privileged: true}]'],
  ['provider', 'provider: {type: /bin/sh}'],
  ['x-anything', 'x-anything: {privileged: true}'],
  ['<<', '<<: {privileged: true}'],
  ['volumes.0', 'volumes: ["/:/host"]'],
  ['volumes.0', 'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'],
  ['volumes.0', 'volumes: ["./here:/there"]'],
  ['volumes.0', 'volumes: ["../up:/there"]'],
  ['volumes.0', 'volumes: ["~/.ssh:/ssh"]'],
  ['volumes.0', 'volumes: ["~root:/root"]'],
  ['volumes.0', 'volumes: ["C:\\\\Users:/users"]'],
  ['volumes.0', 'volumes: ["other:/data"]'],
  ['volumes.0', 'volumes: ["/anonymous"]'],
  ['volumes.0', 'volumes: ["data:/data:Z"]'],
  ['volumes.0', 'volumes: ["data:/data:rw,shared"]'],
  ['volumes.0', 'volumes: ["data:/proc/sys"]'],
  ['volumes.0', 'volumes: ["data:/var/run/docker.sock"]'],
  ['volumes.0', 'volumes: ["data:/a/../../b"]'],
  ['volumes.0', 'volumes: [{type: bind, source: /, target: /host}]'],
  ['volumes.0', 'volumes: [{type: npipe, source: x, target: /host}]'],
  ['volumes.0', 'volumes: [{type: volume, source: /etc, target: /host}]'],
  ['volumes.0', 'volumes: [{type: volume, target: /host}]'],
  ['volumes.0.bind', 'volumes: [{type: volume, source: data, target: /d, bind: {propagation: shared}}]'],
  ['volumes.0.volume.subpath', 'volumes: [{type: volume, source: data, target: /d, volume: {subpath: ../..}}]'],
  ['volumes', 'volumes: ["data:/d"]\ntmpfs: /d'],
  ['tmpfs.0', 'tmpfs: "/tmp:size=100g"'],
  ['tmpfs.0', 'tmpfs: "/tmp:suid"'],
  ['tmpfs.0', 'tmpfs: /sys/fs'],
  ['ports.0', 'ports: ["80:80"]'],
  ['ports.0', 'ports: ["8000-8010:80"]'],
  ['ports.0', 'ports: ["0.0.0.0:8080:80"]'],
  ['ports.0', 'ports: ["0.0.0.0::80"]'],
  ['ports.0', 'ports: [":8080:80"]'],
  ['ports.0', 'ports: ["[::]:8080:80"]'],
  ['ports.0', 'ports: ["192.168.0.1:8080:80"]'],
  ['ports.0', 'ports: ["127.0.0.1:80:80"]'],
  ['ports.0', 'ports: ["127.0.0.1:8080-8090:80-90"]'],
  ['ports.0', 'ports: ["80/sctp"]'],
  ['ports.0', 'ports: [70000]'],
  ['ports.0', 'ports: [{target: 80, published: 8080}]'],
  ['ports.0', 'ports: [{target: 80, published: 8080, host_ip: 0.0.0.0}]'],
  ['ports.0.app_protocol', 'ports: [{target: 80, app_protocol: http}]'],
  ['environment.TOKEN', 'environment: {TOKEN: null}'],
  ['environment.0', 'environment: [HOME]'],
  ['mem_limit', 'mem_limit: 100g'],
  ['mem_limit', 'mem_limit: -1'],
  ['cpus', 'cpus: 64'],
  ['pids_limit', 'pids_limit: -1'],
  ['shm_size', 'shm_size: 100g'],
  ['user', 'user: "0:0 --privileged"'],
  ['networks.host', 'networks: [host]'],
  ['networks.default.ipv4_address', 'networks: {default: {ipv4_address: 10.0.0.1}}'],
  ['depends_on.other', 'depends_on: [other]'],
  ['healthcheck.start_interval', 'healthcheck: {test: "true", start_interval: 1s}'],
  ['command', 'command: "echo ${HOME}"'],
  ['command', 'command: "echo $HOME"'],
  ['command', 'command: "echo ${NAME:-x}"'],
  ['command.1', 'command: [sh, "${PATH}"]'],
])('refuses %s of a service: %s', (path, line) => {
  expect(refusals(service(line))).toContain(`services.web.${path}`);
});

const whole = 'services: {web: {image: a}}';

test.each([
  ['include', `${whole}\ninclude: [/etc/compose.yml]`],
  ['secrets', `${whole}\nsecrets: {key: {file: /etc/shadow}}`],
  ['configs', `${whole}\nconfigs: {key: {file: /etc/shadow}}`],
  ['x-base', `${whole}\nx-base: &base {privileged: true}`],
  ['models', `${whole}\nmodels: {m: {model: x}}`],
  ['name', `${whole}\nname: other-project`],
  ['services', 'services: {}'],
  ['services', 'version: "3"'],
  ['services.Web', 'services: {Web: {image: a}}'],
  ['services.../x', 'services: {"../x": {image: a}}'],
  ['services.__proto__', 'services: {__proto__: {image: a}}'],
  ['services.web.__proto__', 'services: {web: {image: a, __proto__: {privileged: true}}}'],
  ['services.web.image', 'services: {web: {image: "-v"}}'],
  ['volumes.d.driver', `${whole}\nvolumes: {d: {driver: local}}`],
  ['volumes.d.driver_opts', `${whole}\nvolumes: {d: {driver_opts: {type: none, o: bind, device: /}}}`],
  ['volumes.d.external', `${whole}\nvolumes: {d: {external: true}}`],
  ['volumes.d.name', `${whole}\nvolumes: {d: {name: of-another-project}}`],
  ['volumes.d.labels', `${whole}\nvolumes: {d: {labels: {io.tutti.server: x}}}`],
  ['networks.n.external', `${whole}\nnetworks: {n: {external: true}}`],
  ['networks.n.name', `${whole}\nnetworks: {n: {name: host}}`],
  ['networks.n.driver', `${whole}\nnetworks: {n: {driver: macvlan}}`],
  ['networks.n.driver_opts', `${whole}\nnetworks: {n: {driver_opts: {com.docker.network.bridge.name: docker0}}}`],
  ['networks.n.ipam.config', `${whole}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}`],
  ['networks.default.attachable', `${whole}\nnetworks: {default: {attachable: true}}`],
  ['line 1', 'services: {web: {image: a, image: b}}'],
  ['line 1', 'services: {web: {image: !!python/object/apply:os.system [id]}}'],
  ['line 1', 'services: {web: {image: !secret a}}'],
  ['line 2', `${whole}\n---\nservices: {web: {image: a, privileged: true}}`],
  ['line 1', 'services: {web: {image: a'],
  ['', '[]'],
  ['', 'just text'],
])('refuses at %s: %s', (path, text) => {
  expect(refusals(text).some((at) => at === path)).toBe(true);
});

test('aliases that grow without end are refused, a plain one is read', () => {
  const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
  expect(refusals(bomb.join('\n'))).toEqual(['']);
  const shared = 'services: {a: &one {image: x, tmpfs: [/tmp]}, b: *one}';
  expect(Object.keys(check(shared).services)).toEqual(['a', 'b']);
  expect(refusals('services: {a: &one {image: x, privileged: true}, b: *one}')).toEqual([
    'services.a.privileged',
    'services.b.privileged',
  ]);
});

test('a document that is too long or has too many services is refused', () => {
  expect(refusals(`# ${'x'.repeat(2 ** 20)}\n${whole}`)).toEqual(['']);
  const many = Array.from({ length: 21 }, (_, n) => `s${n}: {image: a}`).join(', ');
  expect(refusals(`services: {${many}}`)).toEqual(['services']);
});

test('values stay text: they become neither structure nor variables', () => {
  const { services } = check(
    'services: {web: {image: a, command: "echo ${NAME} ${SECRET} $$x", environment: {A: "${NAME}"}}}',
  );
  expect(services.web?.asked.command).toBe('echo value a$$b $$x');
  expect(services.web?.environment).toEqual({ A: 'value' });
});

test('what a template grants is added back, to that service alone', () => {
  const text = 'services: {db: {image: a, cap_add: [SETUID], cap_drop: [ALL]}, web: {image: a}}';
  const { services } = hardenDocument(check(text), {
    labels: { l: 'x' },
    egress: false,
    project: 'p',
    maxFileBytes: 2 ** 30,
  }) as {
    services: Record<string, Record<string, unknown>>;
  };
  expect(services.db).toMatchObject({ cap_drop: ['ALL'], cap_add: ['CHOWN', 'SETUID'] });
  expect(services.web).not.toHaveProperty('cap_add');
});

test('what compose makes of a document is checked as well, and nothing of it but that is run', async () => {
  const text = 'services: {web: {image: a}}';
  const run = (resolved: string) =>
    resolveDocument(
      { text, values, policy },
      { labels: { l: 'x' }, egress: false, project: 'p', maxFileBytes: 2 ** 30 },
      async () => resolved,
    );
  await expect(run('services: {web: {image: a, privileged: true}}')).rejects.toThrow('services.web.privileged');
  await expect(run('services: {web: {image: "${HOME}"}}')).rejects.toThrow('services.web.image');
  // As the second generation of compose resolves it.
  const { text: hardened } = await run(`
name: tutti-test
services:
  web:
    command: null
    entrypoint: null
    image: a
    networks: {default: null}
    ports: [{mode: ingress, host_ip: 127.0.0.1, target: 80, protocol: tcp}]
    volumes: [{type: volume, source: data, target: /data, volume: {}}]
    mem_limit: "67108864"
networks: {default: {name: tutti-test_default, ipam: {}}}
volumes: {data: {name: tutti-test_data}}
`);
  expect(JSON.parse(hardened)).toEqual({
    services: {
      web: {
        image: 'a',
        environment: {},
        ports: ['127.0.0.1::80/tcp'],
        volumes: ['data:/data:rw'],
        networks: { default: {} },
        dns: ['127.0.0.1'],
        labels: { l: 'x' },
        init: true,
        restart: 'no',
        read_only: false,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: 67_108_864,
        memswap_limit: 67_108_864,
        cpus: 1,
        pids_limit: 256,
        ulimits: { core: 0, fsize: 2 ** 30, nofile: { soft: 4096, hard: 4096 } },
        stop_grace_period: '10s',
        logging: { driver: 'local', options: { 'max-size': '16m', 'max-file': '3', compress: 'false' } },
      },
    },
    networks: { default: { external: true, name: 'p_default' } },
    volumes: { data: { labels: { l: 'x' } } },
  });
});

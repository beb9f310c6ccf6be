// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs, written as they are
import { describe, expect, it } from 'vitest';
import { baseline } from './baseline.ts';
import { http, neutral, policy, refusals, stdio } from './policy-test-support.ts';

const exact = '@modelcontextprotocol/server-filesystem@2025.8.21';

describe('policy bypass by alias', () => {
  const noNpx = policy({ id: 'no-npx', action: 'deny', on: 'server', match: { command: 'npx' } });

  it.each<[string, string[]]>([
    ['npx', ['x']],
    ['NPX.CMD', ['x']],
    ['npx.exe', ['x']],
    ['/usr/bin/npx', ['x']],
    ['/usr/local/bin/../bin/npx', ['x']],
    ['C:\\Program Files\\nodejs\\npx.cmd', ['x']],
    ['cmd', ['/c', 'npx', 'x']],
    ['cmd.exe', ['/d', '/s', '/c', 'npx x']],
    ['env', ['-i', 'A=b', 'npx', 'x']],
    ['env', ['-S', 'npx x']],
    ['/usr/bin/env', ['npx', 'x']],
    ['sh', ['-c', 'exec npx x']],
    ['bash', ['-lc', 'A=b; npx x']],
    ['timeout', ['10', 'npx', 'x']],
    ['nice', ['-n', '5', 'sudo', 'npx', 'x']],
    ['npx -y x', []],
    ['ｎｐｘ', ['x']],
    ['n\u200bpx', ['x']],
    ['sudo', ['-u', 'root', 'npx', 'x']],
    ['env', ['-u', 'FOO', 'npx', 'x']],
    ['timeout', ['-s', 'KILL', '10', 'npx', 'x']],
    ['flock', ['/tmp/lock', 'npx', 'x']],
    ['chroot', ['/srv', 'npx', 'x']],
    ['su', ['root', '-c', 'npx x']],
    ['find', ['.', '-exec', 'npx', 'x', '+']],
    ['xvfb-run', ['-a', 'npx', 'x']],
    ['corepack', ['npx', 'x']],
    ['mise', ['exec', 'node@22', '--', 'npx', 'x']],
    ['op', ['run', '--env-file', '.env', '--', 'npx', 'x']],
    ['uv', ['run', 'npx', 'x']],
    ['uv', ['--directory', '/srv', 'run', '--', 'npx', 'x']],
    ['node', ['C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npx-cli.js', 'x']],
  ])('%s %j is npx', (command, args) => {
    expect(refusals(noNpx, neutral(stdio(command, args)))).toEqual(['no-npx']);
  });

  const noServer = policy({ id: 'no-evil', action: 'deny', on: 'server', match: { package: 'npm:evil' } });
  it.each<[string, string[]]>([
    ['npx', ['-y', 'evil']],
    ['npx', ['evil@1.2.3']],
    ['npx', ['EVIL@latest']],
    ['npx', ['good@npm:evil@1.0.0']],
    ['npx', ['--package=evil@1', 'good']],
    ['npx', ['-p', 'evil', '-c', 'good']],
    ['npx', ['-c', 'npx evil']],
    ['npm', ['exec', '--', 'evil']],
    ['pnpm', ['dlx', 'evil']],
    ['yarn', ['dlx', 'evil']],
    ['bunx', ['evil']],
    ['bun', ['x', 'evil']],
    ['cmd', ['/c', 'npx', '-y', 'evil@1.0.0']],
    ['npm', ['exec', 'good@1.0.0', '--package=evil']],
    ['npm', ['--package', 'evil', 'exec', 'good@1.0.0']],
    ['npm', ['exec', 'good@1.0.0', '-c', 'npx evil']],
    ['deno', ['run', '-A', 'npm:evil@1.0.0/bin']],
    ['deno', ['npm:/evil']],
  ])('%s %j runs the package evil', (command, args) => {
    expect(refusals(noServer, neutral(stdio(command, args)))).toEqual(['no-evil']);
  });

  it.each([
    'server@1',
    'server@^1',
    'server@latest',
    'server',
    'server@1.x',
    'github:user/server',
    './server',
    'server@https://example.com/s.tgz',
  ])('%s is no exact version', (spec) => {
    expect(refusals(baseline, neutral(stdio('npx', ['-y', spec])))).toEqual(['no-unpinned-package']);
  });

  it.each<[string, string[]]>([
    ['uvx', ['mcp-server-git']],
    ['uvx', ['--from', 'mcp-server-git>=1', 'mcp-server-git']],
    ['uv', ['tool', 'run', 'mcp-server-git']],
    ['pipx', ['run', 'mcp_server.git']],
    ['docker', ['run', '-i', '--rm', 'mcp/github']],
    ['docker', ['run', '-i', '--rm', 'mcp/github:1.0.0']],
    ['npx', ['-y', '--package', `${exact}`, '-p', 'other', 'x']],
    ['dnx', ['Some.Server']],
    ['go', ['run', 'example.com/server@latest']],
    ['npx', ['-y', 'server@${input:v}']],
    ['uv', ['run', '--with', 'server', 's.py']],
    ['uv', ['-q', 'run', '-w', 'a==1.0.0,b', 's.py']],
    ['uv', ['run', 'https://example.com/s.py']],
    ['python3', ['-m', 'pipx', 'run', 'server']],
    ['python', ['-Im', 'uv', 'tool', 'run', 'server']],
    ['deno', ['run', '--allow-net', 'https://example.com/s.ts']],
    ['deno', ['run', '--config', 'deno.json', 'jsr:@scope/server@^1']],
    ['dotnet', ['tool', 'exec', 'Some.Server']],
  ])('%s %j names no exact content', (command, args) => {
    const inputs = [{ id: 'v', default: '1.0.0' }];
    const { neutral: given } = neutral(stdio(command, args)) as { neutral: object };
    const subject = { neutral: { ...given, inputs } } as unknown as Parameters<typeof refusals>[1];
    expect(refusals(baseline, subject)).toContain('no-unpinned-package');
  });

  it('an unknown option could hide what runs', () => {
    const hidden = neutral(stdio('npx', ['--some-option', exact, 'evil']));
    expect(refusals(baseline, hidden)).toContain('no-unclear-launcher');
    for (const [command, args] of [
      ['npx', ['--registry', 'https://evil.example', exact]],
      ['npx', ['--prefix', '/tmp/x', exact]],
      ['npm', ['exec', exact, '--registry=https://evil.example']],
      ['npm', ['--registry', 'https://evil.example', 'exec', exact]],
      ['dnx', ['Some.Server@1.0.0', '--source', 'https://evil.example']],
    ] as const)
      expect(refusals(baseline, neutral(stdio(command, args))), args.join(' ')).toEqual(['no-other-registry']);
    for (const [command, verb] of [
      ['npm', 'init'],
      ['npm', 'create'],
      ['pnpm', 'create'],
      ['yarn', 'create'],
      ['bun', 'create'],
    ] as const)
      expect(refusals(baseline, neutral(stdio(command, [verb, 'evil@1.0.0'])))).toEqual(['no-unclear-launcher']);
  });

  const noHost = policy(
    { id: 'no-host', action: 'deny', on: 'server', match: { host: 'evil.example' } },
    { id: 'no-url', action: 'deny', on: 'server', match: { url: 'https://evil.example/mcp' } },
  );
  it.each([
    'https://evil.example/mcp',
    'HTTPS://EVIL.example/mcp',
    'https://evil.example:443/mcp',
    'https://evil.example./mcp',
    'https://%65vil.example/mcp',
    'https://evil.example/%6Dcp',
    'https://evil.example/x/../mcp',
    'https://evil.example/x/%2e%2e/mcp',
    'https://evil.example/mcp#x',
    'https://user:x@evil.example/mcp',
    'https://good.example@evil.example/mcp',
    'https:\\\\evil.example\\mcp',
    'https://ｅvil.example/mcp',
    'https://evil。example/mcp',
  ])('%s is the same address', (url) => {
    expect(refusals(noHost, neutral(http(url)))).toEqual(['no-host', 'no-url']);
  });

  it('the name space of a plugin does not hide a tool', () => {
    const noDelete = policy({
      id: 'no-delete',
      action: 'deny',
      on: 'tool',
      match: { name: 'delete_repo' },
      how: 'refuse',
    });
    for (const tool of [
      'delete_repo',
      'DELETE_REPO',
      'mcp__github__delete_repo',
      'github/delete_repo',
      'plugin:github:delete_repo',
    ])
      expect(refusals(noDelete, neutral(http('https://a.example/', { tools: { allow: [tool] } }))), tool).toEqual([
        'no-delete',
      ]);
  });

  it('an allow-list takes nothing for what it could also be', () => {
    const listed = policy(
      {
        id: 'known',
        action: 'allow',
        on: 'server',
        match: { command: ['npx', '/usr/bin/node'], package: 'npm:good', versions: '1.2.3' },
      },
      { id: 'known-hosts', action: 'allow', on: 'server', match: { url: 'https://*.example.com/*' } },
    );
    expect(refusals(listed, neutral(stdio('npx', ['good@1.2.3'])))).toEqual([]);
    expect(refusals(listed, neutral(http('https://a.example.com/mcp')))).toEqual([]);
    for (const server of [
      stdio('/tmp/npx', ['good@1.2.3']),
      stdio('cmd', ['/c', 'npx', 'good@1.2.3']),
      stdio('npx', ['good@^1.2.3']),
      stdio('npx', ['good']),
      stdio('npx', ['-p', 'good@1.2.3', '-p', 'evil@1.2.3', 'x']),
      http('https://evil.example/.example.com/mcp'),
      http('https://evil.example?.example.com/'),
      http('http://a.example.com/mcp'),
      http('https://a.example.com.evil.example/'),
      http('https://${input:host}.example.com/mcp'),
    ])
      expect(refusals(listed, neutral(server)), JSON.stringify(server)).toEqual(['known']);
  });
});

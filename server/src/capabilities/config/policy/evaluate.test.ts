// biome-ignore-all lint/suspicious/noTemplateCurlyInString: inputs and variables of clients, not of ours
import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { parseNeutral } from '../families/neutral.ts';
import { type Evaluation, evaluate, judge } from './evaluate.ts';
import { context, http, neutral, payload, policy, refusals, rulesOf, serversOf, stdio } from './policy-test-support.ts';

const github = (tools?: object) => http('https://mcp.github.example/', { name: 'github', ...(tools && { tools }) });

describe('deny', () => {
  it('takes tools out of those that are allowed, and names them as denied', () => {
    const set = policy({
      id: 'no-delete',
      action: 'deny',
      on: 'tool',
      match: { server: 'github', name: ['delete_repo', 'drop_*'] },
      when: 'profile == "prod"',
    });
    const subject = neutral(
      github({ allow: ['get_repo', 'delete_repo', 'drop_all'] }),
      http('https://x.example/', { tools: { allow: ['delete_repo'] } }),
    );
    const done = evaluate(set, subject, context);
    expect(done.ok).toBe(true);
    expect(serversOf(done).map(({ tools }) => tools)).toEqual([
      { allow: ['get_repo'], deny: ['delete_repo'] },
      { allow: ['delete_repo'] },
    ]);
    expect(done.effects.map(({ rule, pointer, patch }) => [rule, pointer, patch.length])).toEqual([
      ['no-delete', '/servers/0/tools', 2],
    ]);
    expect(evaluate(set, subject, { ...context, profile: 'dev' }).patch).toEqual([]);
  });

  it('names a tool of a server without a list, and refuses a pattern there', () => {
    const exact = policy({ id: 'd', action: 'deny', on: 'tool', match: { name: 'delete_repo' } });
    expect(serversOf(evaluate(exact, neutral(github()), context))[0]?.tools).toEqual({ deny: ['delete_repo'] });
    const pattern = policy({ id: 'd', action: 'deny', on: 'tool', match: { name: 'delete_*' } });
    expect(refusals(pattern, neutral(github()))).toEqual(['d']);
    expect(refusals(pattern, neutral(github({ allow: ['get'] })))).toEqual([]);
    expect(refusals(exact, payload({ mcpServers: { github: { url: 'https://a.example/' } } }))).toEqual(['d']);
  });

  it('takes servers, variables and paths away where it says so', () => {
    const set = policy(
      { id: 'server', action: 'deny', on: 'server', match: { server: 'old-*' }, how: 'remove' },
      { id: 'env', action: 'deny', on: 'env', match: { name: 'DEBUG*' }, how: 'remove' },
    );
    const subject = neutral({ ...stdio('node'), name: 'old-a' }, stdio('node', [], { env: { debug: '1', A: '2' } }), {
      ...stdio('node'),
      name: 'old-b',
    });
    const done = evaluate(set, subject, context);
    expect(serversOf(done)).toEqual([stdio('node', [], { env: { A: '2' } })]);
    const path = policy({ id: 'p', action: 'deny', on: 'path', match: { path: '/list/*', value: 'x' }, how: 'remove' });
    expect(evaluate(path, payload({ list: ['x', 'a', 'x', 'x'] }), context).result).toEqual({ list: ['a'] });
  });

  it('sees what stands there when its turn comes, and again at the end', () => {
    const deny = { id: 'deny', action: 'deny', on: 'env', match: { name: 'X', value: 'bad' } };
    const fill = { id: 'fill', action: 'default', on: 'server', set: { env: { X: 'bad' } } };
    expect(refusals(policy(deny, fill), neutral(stdio('node')))).toEqual(['deny']);
    const pin = { id: 'pin', action: 'pin', on: 'server', match: { package: 'npm:x' }, to: { version: '2.0.0' } };
    const old = { id: 'old', action: 'deny', on: 'server', match: { package: 'npm:x', versions: '<2' } };
    expect(refusals(policy(pin, old), neutral(stdio('npx', ['x@1.0.0'])))).toEqual([]);
    expect(refusals(policy(old, pin), neutral(stdio('npx', ['x@1.0.0'])))).toEqual(['old']);
  });

  it('takes an input for what it may come to', () => {
    const npx = policy({ id: 'npx', action: 'deny', on: 'server', match: { command: 'npx' } });
    const host = policy({ id: 'host', action: 'deny', on: 'server', match: { host: 'evil.example' } });
    const arg = policy({ id: 'arg', action: 'deny', on: 'arg', match: { value: '--unsafe' } });
    const input = { id: 'i', default: '--unsafe' };
    expect(refusals(npx, neutral(stdio('${input:i}')))).toEqual(['npx']);
    expect(refusals(host, neutral(http('https://${input:i}/')))).toEqual(['host']);
    const subject = { neutral: { inputs: [input], servers: [stdio('node', ['${input:i}'])] } } as unknown as Parameters<
      typeof refusals
    >[1];
    expect(refusals(arg, subject)).toEqual(['arg']);
  });
});

describe('allow', () => {
  it('makes one list of all rules of a kind, and leaves free what no rule is about', () => {
    const set = policy(
      { id: 'a', action: 'allow', on: 'env', match: { server: 'files', name: 'LOG_*' } },
      { id: 'b', action: 'allow', on: 'env', match: { server: 'files', name: 'TZ' } },
    );
    expect(refusals(set, neutral(stdio('node', [], { env: { LOG_LEVEL: 'x', tz: 'UTC' } })))).toEqual([]);
    expect(refusals(set, neutral(stdio('node', [], { env: { OTHER: 'x' } })))).toEqual(['a']);
    expect(refusals(set, neutral({ ...stdio('node', [], { env: { OTHER: 'x' } }), name: 'else' }))).toEqual([]);
  });

  it('leaves a server the tools of the list, or gives it the list', () => {
    const set = policy({
      id: 'few',
      action: 'allow',
      on: 'tool',
      match: { server: 'github', name: ['get_repo', 'list_repos'] },
    });
    const tools = (given?: object) => serversOf(evaluate(set, neutral(github(given)), context))[0]?.tools;
    expect(tools({ allow: ['get_repo', 'delete_repo'] })).toEqual({ allow: ['get_repo'] });
    expect(tools({ allow: ['delete_repo'] })).toEqual({ allow: [] });
    expect(tools()).toEqual({ allow: ['get_repo', 'list_repos'] });
    const patterns = policy({ id: 'few', action: 'allow', on: 'tool', match: { name: 'get_*' } });
    expect(refusals(patterns, neutral(github()))).toEqual(['few']);
  });

  it('a condition about the thing says what is allowed, any other says when the list counts', () => {
    const thing = policy({ id: 'a', action: 'allow', on: 'server', when: 'server.transport == "http"' });
    expect(refusals(thing, neutral(stdio('node')))).toEqual(['a']);
    expect(refusals(thing, neutral(github()))).toEqual([]);
    const prod = policy({
      id: 'a',
      action: 'allow',
      on: 'server',
      match: { transport: 'http' },
      when: 'profile == "prod"',
    });
    expect(refusals(prod, neutral(stdio('node')))).toEqual(['a']);
    expect(refusals(prod, neutral(stdio('node')), { profile: 'dev' })).toEqual([]);
  });

  it('deny wins', () => {
    const set = policy(
      { id: 'all', action: 'allow', on: 'server' },
      { id: 'none', action: 'deny', on: 'server', match: { server: 'files' } },
    );
    expect(refusals(set, neutral(stdio('node')))).toEqual(['none']);
  });
});

describe('pin', () => {
  const pin = (name: string, version: string, more: object = {}) =>
    policy({ id: 'pin', action: 'pin', on: 'server', match: { package: name }, to: { version, ...more } });
  const digest = `sha256:${'b'.repeat(64)}`;

  it.each<[string, string, string[], string, string[]]>([
    ['npm:@s/x', 'npx', ['-y', '@s/x', '--flag'], '1.2.3', ['-y', '@s/x@1.2.3', '--flag']],
    ['npm:@s/x', 'npx.cmd', ['-y', '@s/x@^1'], '1.2.3', ['-y', '@s/x@1.2.3']],
    ['npm:x', 'npx', ['--package=x@1', 'y'], '1.2.3', ['--package=x@1.2.3', 'y']],
    ['npm:x', 'cmd', ['/c', 'npx', 'x'], '1.2.3', ['/c', 'npx', 'x@1.2.3']],
    ['pypi:x-y', 'uvx', ['--from', 'X_y>=1', 'x'], '1.2.3', ['--from', 'x-y==1.2.3', 'x']],
    ['pypi:x', 'uvx', ['x'], '1.2.3', ['x@1.2.3']],
    ['oci:mcp/x', 'docker', ['run', '-i', 'mcp/x:latest'], digest, ['run', '-i', `docker.io/mcp/x@${digest}`]],
  ])('%s of %s %j', (name, command, args, version, expected) => {
    const done = evaluate(pin(name, version), neutral(stdio(command, args)), context);
    expect(done.ok).toBe(true);
    expect(serversOf(done)[0]?.args).toEqual(expected);
  });

  it('sets what the server says of its package, and the command of a payload', () => {
    const said = { package: { registry: 'npm', identifier: 'x', version: '1.0.0' } };
    const done = evaluate(
      pin('npm:x', '2.0.0', { sha256: 'c'.repeat(64) }),
      neutral(stdio('npx', ['x@1.0.0'], said)),
      context,
    );
    expect(serversOf(done)[0]).toMatchObject({
      args: ['x@2.0.0'],
      package: { version: '2.0.0', sha256: 'c'.repeat(64) },
    });
    const opaque = evaluate(pin('npm:x', '2.0.0'), payload({ mcp: { a: { command: ['npx', 'x'] } } }), context);
    expect(opaque.result).toEqual({ mcp: { a: { command: ['npx', 'x@2.0.0'] } } });
  });

  it('refuses where it cannot, and sets the value of a path', () => {
    expect(refusals(pin('npm:x', '2.0.0'), neutral(stdio('sh', ['-c', 'npx x'])))).toEqual(['pin']);
    const path = policy({ id: 'p', action: 'pin', on: 'path', match: { path: '/telemetry' }, to: { value: false } });
    expect(evaluate(path, payload({ telemetry: true }), context).result).toEqual({ telemetry: false });
  });
});

describe('redact', () => {
  const set = policy(
    { id: 'env', action: 'redact', on: 'env', match: { name: '*_TOKEN' } },
    { id: 'header', action: 'redact', on: 'header', match: { name: 'authorization' }, to: { input: 'auth' } },
    { id: 'arg', action: 'redact', on: 'arg', match: { value: '--key=*' } },
  );

  it('puts a reference to a secret input where a value stands', () => {
    const subject = neutral(
      stdio('node', ['s.js', '--key=abc'], { env: { A_TOKEN: 'abc', B: 'x' } }),
      http('https://a.example/', { headers: { Authorization: 'Bearer abc' } }),
    );
    const done = evaluate(set, subject, context);
    expect(done.ok).toBe(true);
    const [first, second] = serversOf(done);
    expect(first).toMatchObject({
      args: ['s.js', '--key=${input:files-arg-1}'],
      env: { A_TOKEN: '${input:files-a_token}', B: 'x' },
    });
    expect(second?.headers).toEqual({ Authorization: 'Bearer ${input:auth}' });
    const inputs = (done.result as { inputs: { id: string; secret: boolean }[] }).inputs;
    expect(inputs.map(({ id, secret }) => [id, secret])).toEqual([
      ['files-a_token', true],
      ['auth', true],
      ['files-arg-1', true],
    ]);
    expect(JSON.stringify([done.result, done.patch, done.effects])).not.toContain('abc');
  });

  it('makes an input that is named already secret, without a default', () => {
    const subject = {
      neutral: {
        inputs: [{ id: 't', default: 'abc' }],
        servers: [stdio('node', [], { env: { A_TOKEN: '${input:t}' } })],
      },
    };
    const done = evaluate(set, subject as unknown as Parameters<typeof refusals>[1], context);
    expect((done.result as { inputs: unknown }).inputs).toEqual([{ id: 't', secret: true }]);
  });

  it('gives each value an input of its own, however alike their names', () => {
    const long = 'x'.repeat(60);
    const subject = {
      neutral: {
        inputs: [
          { id: 'files-b_token', env: 'OTHER' },
          { id: 'else', env: 'FILES_C_TOKEN' },
        ],
        servers: [
          stdio('node', ['${input:files-b_token}', '${input:else}'], {
            env: { A_TOKEN: '1abc', a_token: '2abc', B_TOKEN: '3abc', C_TOKEN: '4abc' },
          }),
          stdio('node', [], { name: long, env: { A_TOKEN: '5abc', B_TOKEN: '6abc' } }),
        ],
      },
    } as unknown as Parameters<typeof refusals>[1];
    const { result, ok } = evaluate(set, subject, context);
    const [first, second] = serversOf({ result } as Evaluation);
    const values = [first, second].flatMap((one) => Object.values(one?.env as Record<string, string>));
    expect([ok, new Set(values).size]).toEqual([true, 6]);
    for (const value of values) expect(value).not.toContain('${input:files-b_token}');
    expect(parseNeutral(result).problems).toEqual([]);
  });

  it("needs the client's own way for a payload", () => {
    const value = { mcpServers: { a: { command: 'node', env: { A_TOKEN: 'abc' } } } };
    expect(refusals(set, payload(value))).toEqual(['env']);
    const own = policy({
      id: 'env',
      action: 'redact',
      on: 'env',
      match: { name: '*_TOKEN' },
      to: { text: '${env:{name}}' },
    });
    expect(evaluate(own, payload(value), context).result).toEqual({
      mcpServers: { a: { command: 'node', env: { A_TOKEN: '${env:A_TOKEN}' } } },
    });
  });
});

describe('require and default', () => {
  it('says what is missing in the result', () => {
    const set = policy(
      { id: 'described', action: 'require', on: 'server', fields: ['description', 'tools.allow'] },
      { id: 'slow', action: 'require', on: 'server', that: 'has(server.timeout_ms) && server.timeout_ms <= 60000' },
      { id: 'tutti', action: 'require', on: 'config', that: 'servers.exists(s, s.name == "tutti")' },
    );
    const { ok, unmet } = evaluate(set, neutral(stdio('node', [], { description: 'x', timeout_ms: 90_000 })), context);
    expect(ok).toBe(false);
    expect(unmet.map(({ rule, pointer }) => [rule, pointer])).toEqual([
      ['described', '/servers/0'],
      ['slow', '/servers/0'],
      ['tutti', ''],
    ]);
    const path = policy({ id: 'p', action: 'require', on: 'path', match: { path: '/a/b' }, that: 'item.value == 1' });
    expect(rulesOf(evaluate(path, payload({}), context).unmet)).toEqual(['p']);
    expect(evaluate(path, payload({ a: { b: 1 } }), context).ok).toBe(true);
  });

  it('fills in what is missing, and nothing else', () => {
    const set = policy(
      {
        id: 'd',
        action: 'default',
        on: 'server',
        set: { timeout_ms: 30_000, enabled: true, env: { LOG_LEVEL: 'info', TZ: 'UTC' } },
      },
      { id: 'r', action: 'require', on: 'server', fields: ['timeout_ms'] },
    );
    const done = evaluate(
      set,
      neutral(stdio('node', [], { enabled: false, env: { log_level: 'debug' } }), github()),
      context,
    );
    expect(done.ok).toBe(true);
    expect(serversOf(done)[0]).toMatchObject({
      timeout_ms: 30_000,
      enabled: false,
      env: { log_level: 'debug', TZ: 'UTC' },
    });
    expect(serversOf(done)[1]).toEqual({ ...github(), timeout_ms: 30_000, enabled: true });
    const path = policy({
      id: 'p',
      action: 'default',
      on: 'path',
      match: { path: '/mcpServers/*/type' },
      set: 'stdio',
    });
    expect(evaluate(path, payload({ mcpServers: { a: {}, b: { type: 'http' } } }), context).result).toEqual({
      mcpServers: { a: { type: 'stdio' }, b: { type: 'http' } },
    });
  });
});

it('sees headers wherever a client keeps them', () => {
  const set = policy({
    id: 'auth',
    action: 'redact',
    on: 'header',
    match: { name: 'authorization' },
    to: { text: '$T' },
  });
  const headers = { Authorization: 'Bearer abc' };
  for (const held of [
    { headers },
    { http_headers: headers },
    { requestInit: { headers } },
    { requestOptions: { headers } },
  ]) {
    const { result, effects } = evaluate(set, payload({ a: { url: 'https://a.example/', ...held } }), context);
    expect(JSON.stringify(result), Object.keys(held)[0]).not.toContain('abc');
    expect(effects.map(({ pointer }) => pointer)).toEqual([expect.stringMatching(/eaders\/Authorization$/)]);
  }
});

it('a rule is left as it is, whatever later rules do with what it filled in', () => {
  const set = policy(
    { id: 'list', action: 'allow', on: 'tool', match: { server: 'files', name: 'get' } },
    { id: 'fill', action: 'default', on: 'server', set: { tools: { deny: ['drop'] } } },
  );
  const first = evaluate(set, neutral(stdio('node')), context);
  expect(serversOf(first)[0]?.tools).toEqual({ deny: ['drop'], allow: ['get'] });
  expect(evaluate(set, neutral(stdio('node')), context)).toEqual(first);
});

it('a condition that fails refuses, whatever the rule', () => {
  for (const action of ['deny', 'allow', 'redact']) {
    const set = policy({ id: 'x', action, on: 'env', match: {}, when: 'claims.nobody == "x"' });
    const { ok, problems } = evaluate(set, neutral(stdio('node', [], { env: { A: 'b' } })), context);
    expect([action, ok, problems[0]?.message]).toEqual([
      action,
      false,
      expect.stringContaining('Rule x: The condition failed'),
    ]);
  }
});

it('asks the neutral form by servers, and what was rendered from it by paths, which it no longer changes', () => {
  const server = { id: 'server', action: 'deny', on: 'server', match: { command: 'node' } };
  const tool = { id: 'tool', action: 'deny', on: 'tool', match: { name: 'x' } };
  const path = (action: string, more: object) => ({
    id: action,
    action,
    on: 'path',
    match: { path: '/mcpServers/a/type' },
    ...more,
  });
  const rendered = payload({ mcpServers: { a: { command: 'node', type: 'stdio' } } });
  const judged = (...rules: object[]) => {
    const { denied, unmet, patch } = judge(policy(...rules), rendered, context);
    expect(patch).toEqual([]);
    return rulesOf([...denied, ...unmet]);
  };
  expect(judged(server, tool)).toEqual([]);
  expect(judged(path('deny', { how: 'remove' }))).toEqual(['deny']);
  expect(judged(path('pin', { to: { value: 'http' } }))).toEqual(['pin']);
  expect(judged(path('pin', { to: { value: 'stdio' } }))).toEqual([]);
  expect(judged(path('redact', { to: { text: '${X}' } }))).toEqual(['redact']);
  expect(judged(path('require', { that: 'item.value == "http"' }))).toEqual(['require']);
  const missing = policy({
    id: 'x',
    action: 'require',
    on: 'path',
    match: { path: '/mcpServers/tutti' },
    that: 'true',
  });
  expect(rulesOf(judge(missing, rendered, context).unmet)).toEqual(['x']);
  expect(evaluate(missing, neutral(stdio('node')), context).ok).toBe(true);
});

it('is recorded so that it can be replayed: versions of rules, patches that lead to the result', () => {
  const set = policy(
    { id: 'a', version: 7, action: 'default', on: 'server', set: { enabled: true }, when: 'policy.rules.a == 7' },
    { id: 'b', version: 2, action: 'deny', on: 'server', match: { server: 'files' }, message: 'Not this one.' },
  );
  const subject = neutral(stdio('node'));
  const done = evaluate(set, subject, context);
  expect(done.rules).toEqual({ a: 7, b: 2 });
  expect(done.effects).toMatchObject([{ rule: 'a', version: 7, action: 'default', pointer: '/servers/0' }]);
  expect(done.denied).toEqual([{ rule: 'b', version: 2, pointer: '/servers/0', message: 'Not this one.' }]);
  const [overall, single] = [structuredClone(subject), structuredClone(subject)].map(
    (one) => (one as { neutral: object }).neutral,
  );
  applyPatch(overall, [...done.patch]);
  for (const { patch } of done.effects) applyPatch(single, [...patch]);
  expect([overall, single]).toEqual([done.result, done.result]);
});

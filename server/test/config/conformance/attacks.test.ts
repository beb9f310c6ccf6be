import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { builtInFamily } from '../../../src/capabilities/config/families/built-in.ts';
import type { BuiltInFamily } from '../../../src/capabilities/config/families/family.ts';
import type { NeutralConfig } from '../../../src/capabilities/config/families/neutral.ts';
import { render } from '../../../src/capabilities/config/families/render.ts';
import { type PolicySet, parsePolicySet } from '../../../src/capabilities/config/policy/document.ts';
import { evaluate } from '../../../src/capabilities/config/policy/evaluate.ts';
import { canonicalJson } from '../../../src/core/canonical.ts';
import { read } from '../../support/config/example.ts';
import { configOf, draftOf, filesServer, ok, refused } from '../../support/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod');
});
afterAll(() => server.stop());

test('config written by prompt injection: a payload that was changed where it lies is told as outdated by its hash', async () => {
  const { payload, payload_hash } = await ok(config.publish('prod', draftOf()));
  const hashOf = (value: unknown) => `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
  const status = async (hash: string) => {
    const call = { client_id: 'cursor', profile: 'prod', payload_hash: hash };
    return (await ok(server.call('diff_config', call, config.who.client))).status;
  };
  expect(hashOf(payload)).toBe(payload_hash);
  expect(await status(hashOf(payload))).toBe('up-to-date');
  const injected = { ...payload, mcpServers: { ...payload.mcpServers, evil: { command: 'sh', args: ['-c', 'id'] } } };
  expect(await status(hashOf(injected))).toBe('outdated');
});

test('policy that is not deterministic: a release is made anew from what was recorded of it', async () => {
  const { owner, auditor } = config.who;
  const document = {
    name: 'replayed',
    extends: 'baseline@1',
    without: ['no-client-files'],
    rules: [
      { id: 'no-debug', action: 'deny', on: 'env', match: { name: 'DEBUG' }, how: 'remove', when: '"eu" in tags' },
      {
        id: 'patience',
        action: 'default',
        on: 'server',
        set: { description: 'By night' },
        when: 'claims.principal_name == "pia" && now > timestamp("2026-01-01T00:00:00Z") && policy.rules.patience == 1',
      },
    ],
  };
  const put = await ok(server.call('put_config_policy_set', { document }, owner));
  const { policy_set_id } = await config.profile('replayed', { policy_set_id: put.policy_set_id, tags: ['eu'] });
  const made = await ok(config.publish('replayed', draftOf({ ...filesServer(), env: { DEBUG: '1', LEVEL: 'info' } })));

  const draft = await ok(server.call('get_config_draft', { draft_id: made.draft_id }, auditor));
  const kept = await ok(server.call('get_config_policy_set', { policy_set_id }, auditor));
  expect(kept.document).toEqual({ ...document, version: 1 });
  expect(await ok(server.call('put_config_policy_set', { document: kept.document }, owner))).toMatchObject({
    created: false,
  });
  const { rules, ...context } = made.provenance.policy_inputs;
  expect(context.now).toBe(made.provenance.policy_evaluated_at);
  const { set } = parsePolicySet(kept.document);
  const again = evaluate(set as PolicySet, { neutral: read(draft.draft_payload) }, context);
  expect(again).toMatchObject({ ok: true, rules, effects: made.report.policy.effects });
  expect(again.effects.map(({ rule }) => rule)).toEqual(['no-debug', 'patience', 'patience']);
  const { text } = render(builtInFamily('cursor') as BuiltInFamily, again.result as unknown as NeutralConfig);
  expect(text).toBe(made.text);
});

test('secret smuggling: in the changelog, which is signed and told to everybody', async () => {
  const changelog = ['Works with ghp', 'q3W8eR5tY7uI1oP9aS2dF4gH6jK8lZ0xC1vB'].join('_');
  const { body } = await config.publish('prod', draftOf(), { changelog });
  expect(body.error).toMatchObject({
    code: 'SECRET_FOUND',
    details: { report: { secrets: [{ rule: 'github-pat' }] } },
  });
  expect(JSON.stringify(body)).not.toContain(changelog.slice(-20));
  const { artifact_id } = await ok(config.publish('prod', draftOf()));
  const { publisher } = config.who;
  const back = { client_id: 'cursor', profile: 'prod', artifact_id, changelog };
  expect(await refused(server.call('revert_config', back, publisher))).toBe('SECRET_FOUND');
  const begun = await ok(config.publish('prod', draftOf(), { rollout_percentage: 50 }));
  const on = { rollout_id: begun.release.cohort.id, action: 'promote' };
  expect(await refused(server.call('set_config_rollout', { ...on, changelog }, publisher))).toBe('SECRET_FOUND');
  await ok(server.call('set_config_rollout', on, publisher));
  await ok(config.publish('prod', draftOf(), { changelog: `As of commit ${'3f2504e04f89'.repeat(3)}41d3` }));
});

test('SSRF in webhooks and registry import: an import is given as a document, and a hook leads to no private address', async () => {
  const { publisher } = config.who;
  for (const server_json of ['http://169.254.169.254/latest', 'https://registry.example.com/v0/servers/x']) {
    expect(await refused(server.call('put_catalog_server', { server_json }, publisher))).toBe('VALIDATION_FAILED');
  }
  const urls = ['http://169.254.169.254/latest', 'http://127.0.0.1:1/', 'http://[::1]/', 'http://10.0.0.1/'];
  for (const url of urls) await ok(server.call('put_webhook', { name: 'hook', url, types: ['config.released'] }));
  await ok(config.publish('prod', draftOf()));
  await vi.waitFor(
    async () => {
      const { items } = await ok(server.call('list_deliveries', { type: 'config.released' }));
      const errors = items.map(({ attempts }: { attempts: { error?: string }[] }) => attempts[0]?.error ?? 'none yet');
      expect(errors).toEqual(urls.map(() => expect.stringMatching(/^EGRESS_REFUSED: /)));
    },
    { timeout: 40_000, interval: 200 },
  );
});

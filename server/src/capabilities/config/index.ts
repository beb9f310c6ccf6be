import type { Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import { keysDirectory } from '../../core/key-files.ts';
import type { Keys } from '../../core/keys.ts';
import type { Logger } from '../../core/log.ts';
import type { Cursors } from '../../core/page.ts';
import type { Settings } from '../../core/settings.ts';
import type { Slice } from '../../core/slice.ts';
import type { Metrics } from '../../core/telemetry/metrics.ts';
import type { Draft } from './drafts/store.ts';
import { configErrors } from './errors.ts';
import { createFigures } from './figures.ts';
import { retention } from './inventory/retention.ts';
import { configPrompt } from './prompt.ts';
import { fresh } from './reading/fresh.ts';
import { createReader } from './reading/reader.ts';
import { configDocuments } from './releases/documents.ts';
import { renewal } from './releases/renew.ts';
import { decisionOf, type Report } from './releases/report.ts';
import { configResource } from './releases/resource.ts';
import { openSigningKeys } from './releases/signing-keys.ts';
import { approveConfigDraft } from './tools/approve_config_draft.ts';
import { createConfigDraft } from './tools/create_config_draft.ts';
import { diffConfig } from './tools/diff_config.ts';
import { exportConfig } from './tools/export_config.ts';
import { getAudit } from './tools/get_audit.ts';
import { getConfig } from './tools/get_config.ts';
import { getConfigDraft } from './tools/get_config_draft.ts';
import { getConfigInventory } from './tools/get_config_inventory.ts';
import { getConfigPolicySet } from './tools/get_config_policy_set.ts';
import { listCatalogServers } from './tools/list_catalog_servers.ts';
import { listClients } from './tools/list_clients.ts';
import { listConfigDrafts } from './tools/list_config_drafts.ts';
import { listConfigReleases } from './tools/list_config_releases.ts';
import { listProfiles } from './tools/list_profiles.ts';
import { listSigningKeys } from './tools/list_signing_keys.ts';
import { pollConfigChanges } from './tools/poll_config_changes.ts';
import { publishConfig } from './tools/publish_config.ts';
import { putCatalogServer } from './tools/put_catalog_server.ts';
import { putClientFamily } from './tools/put_client_family.ts';
import { putConfigPolicySet } from './tools/put_config_policy_set.ts';
import { putConfigProfile } from './tools/put_config_profile.ts';
import { rejectConfigDraft } from './tools/reject_config_draft.ts';
import { reportClientState } from './tools/report_client_state.ts';
import { revertConfig } from './tools/revert_config.ts';
import { rotateSigningKey } from './tools/rotate_signing_key.ts';
import { setConfigRollout } from './tools/set_config_rollout.ts';
import { testConfigPolicySet } from './tools/test_config_policy_set.ts';
import { validateDraft } from './tools/validate_draft.ts';

const windowsOf = (settings: Settings) => ({
  reports: settings['config.keep_report_days'],
  drafts: settings['config.keep_draft_days'],
});

export interface ConfigNeeds {
  readonly db: Db;
  readonly keys: Keys;
  readonly cursors: Cursors;
  readonly feed: Feed;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly settings: Settings;
}

/** Signed configurations of MCP clients: drafted once, checked by policy, approved, released, verified by anyone. */
export function createConfig({ db, keys, cursors, feed, metrics, log, settings }: ConfigNeeds): Slice {
  const signing = openSigningKeys(keysDirectory(settings), { given: settings.keys_dir !== undefined });
  const maxBytes = settings['config.memory_mb'] * 2 ** 19;
  const reader = createReader({ db, feed, keys: signing, log, maxBytes });
  const figures = createFigures({ feed, metrics, stale: () => reader.staleSince() !== undefined });
  const issuing = {
    keys: signing,
    tenant: settings['config.tenant'],
    statementDays: settings['config.statement_days'],
    judged: (draft: Draft, report: Report) => {
      figures.validated(report.valid);
      log.info(decisionOf(draft, report), 'a draft was judged for its release');
    },
  };
  return {
    name: 'config',
    tools: [
      listClients(reader),
      listProfiles(reader),
      getConfig(reader, figures),
      diffConfig(reader),
      pollConfigChanges(feed),
      validateDraft(figures),
      publishConfig(issuing),
      revertConfig(issuing),
      setConfigRollout(issuing),
      createConfigDraft(figures),
      getConfigDraft(),
      listConfigDrafts(cursors),
      approveConfigDraft(),
      rejectConfigDraft(),
      listConfigReleases(cursors),
      getAudit(cursors),
      putConfigProfile(),
      putClientFamily(),
      putCatalogServer(),
      listCatalogServers(cursors),
      putConfigPolicySet(),
      getConfigPolicySet(),
      testConfigPolicySet(),
      listSigningKeys(signing),
      rotateSigningKey(signing),
      exportConfig(signing, settings['config.tenant'], cursors),
      reportClientState(keys),
      getConfigInventory(settings['config.inventory_floor']),
    ].map((tool) => fresh(tool, reader)),
    handlers: [renewal(db, issuing), retention(db, windowsOf(settings))],
    schedules: [
      { name: 'config-renew', cron: '23 * * * *', kind: 'config.renew' },
      { name: 'config-retention', cron: '41 3 * * *', kind: 'config.retention' },
    ],
    resources: [configResource(reader, figures)],
    documents: configDocuments(reader, figures),
    prompts: [configPrompt],
    auditScope: 'config:audit',
    errors: configErrors,
    flags: async () => ({}),
    measures: figures.measures,
    async start() {
      // Made now: a key that is first needed when the disk is full could not be.
      signing.current();
    },
    async startReading() {
      figures.start();
      await reader.start();
    },
    async close() {
      reader.stop();
    },
  };
}

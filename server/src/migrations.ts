import { catalogMigrations } from './capabilities/config/catalog/store.ts';
import { draftMigrations } from './capabilities/config/drafts/store.ts';
import { familyMigrations } from './capabilities/config/families/store.ts';
import { inventoryMigrations } from './capabilities/config/inventory/store.ts';
import { policyMigrations } from './capabilities/config/policy/store.ts';
import { profileMigrations } from './capabilities/config/profiles/store.ts';
import { readingMigrations } from './capabilities/config/reading/store.ts';
import { releaseMigrations } from './capabilities/config/releases/store.ts';
import { rolloutMigrations } from './capabilities/config/rollouts/store.ts';
import { lakeMigrations } from './capabilities/lake/store.ts';
import { engineMigrations } from './capabilities/ops/engines/processes/store.ts';
import { poolMigrations } from './capabilities/ops/pool/store.ts';
import { execMigrations } from './capabilities/ops/sandboxes/execs/store.ts';
import { sandboxMigrations } from './capabilities/ops/sandboxes/store.ts';
import { opsMigrations } from './capabilities/ops/store.ts';
import { startMigrations } from './capabilities/orchestra/starts/store.ts';
import { watchMigrations } from './capabilities/orchestra/watch/store.ts';
import { approvalMigrations } from './capabilities/workflows/approvals/store.ts';
import { definitionMigrations } from './capabilities/workflows/definitions/store.ts';
import { downstreamMigrations } from './capabilities/workflows/downstream/store.ts';
import { journalMigrations } from './capabilities/workflows/journal/store.ts';
import { runMigrations } from './capabilities/workflows/runs/store.ts';
import { triggerMigrations } from './capabilities/workflows/triggers/store.ts';
import { auditMigrations } from './core/audit/store.ts';
import { authMigrations } from './core/auth/store.ts';
import { agreementMigrations } from './core/db/agreements.ts';
import { idempotencyMigrations } from './core/db/idempotency.ts';
import { leaseMigrations } from './core/db/lease.ts';
import type { Migrations } from './core/db/migrate.ts';
import { eventMigrations } from './core/events/store.ts';
import { parkingMigrations } from './core/jobs/parking/store.ts';
import { jobMigrations } from './core/jobs/store.ts';
import { holdMigrations } from './core/objects/holds/store.ts';
import { objectMigrations } from './core/objects/store.ts';
import { webhookMigrations } from './core/webhooks/store.ts';

/** The tables of the core. */
export const coreMigrations = [
  idempotencyMigrations,
  authMigrations,
  jobMigrations,
  parkingMigrations,
  leaseMigrations,
  objectMigrations,
  holdMigrations,
  eventMigrations,
  auditMigrations,
  agreementMigrations,
  webhookMigrations,
];

/** All that this release knows: the one list by which a database is made, restored and examined. */
export const allMigrations: readonly Migrations[] = [
  ...coreMigrations,
  lakeMigrations,
  opsMigrations,
  engineMigrations,
  poolMigrations,
  sandboxMigrations,
  execMigrations,
  definitionMigrations,
  runMigrations,
  approvalMigrations,
  triggerMigrations,
  journalMigrations,
  downstreamMigrations,
  watchMigrations,
  startMigrations,
  releaseMigrations,
  profileMigrations,
  familyMigrations,
  catalogMigrations,
  policyMigrations,
  draftMigrations,
  rolloutMigrations,
  inventoryMigrations,
  readingMigrations,
];

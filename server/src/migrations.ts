import { lakeMigrations } from './capabilities/lake/store.ts';
import { poolMigrations } from './capabilities/ops/pool/store.ts';
import { sandboxMigrations } from './capabilities/ops/sandboxes/store.ts';
import { opsMigrations } from './capabilities/ops/store.ts';
import { auditMigrations } from './core/audit/store.ts';
import { authMigrations } from './core/auth/store.ts';
import { agreementMigrations } from './core/db/agreements.ts';
import { idempotencyMigrations } from './core/db/idempotency.ts';
import { leaseMigrations } from './core/db/lease.ts';
import type { Migrations } from './core/db/migrate.ts';
import { eventMigrations } from './core/events/store.ts';
import { jobMigrations } from './core/jobs/store.ts';
import { holdMigrations } from './core/objects/holds/store.ts';
import { objectMigrations } from './core/objects/store.ts';
import { webhookMigrations } from './core/webhooks/store.ts';

/** The tables of the core. */
export const coreMigrations = [
  idempotencyMigrations,
  authMigrations,
  jobMigrations,
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
  poolMigrations,
  sandboxMigrations,
];

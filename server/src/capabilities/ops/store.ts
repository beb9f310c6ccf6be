import { type Migrations, sqlMigration } from '../../core/db/migrate.ts';

/** The tables of jobs, engines and containers, each with its store below: `runs/`, `engines/`, `containers/`. */
export const opsMigrations: Migrations = {
  'ops.0001-jobs': sqlMigration(`
    create table if not exists ops_installation (
      only_one boolean primary key default true check (only_one),
      id text not null
    );
    create table if not exists ops_engines (
      name text primary key,
      labels text[] not null default '{}',
      capacity integer not null,
      reachable boolean not null,
      reason text,
      version text,
      info jsonb,
      seen_at timestamptz not null
    );
    create table if not exists ops_runs (
      id text primary key,
      name text not null,
      principal_id text not null,
      engine text not null,
      spec jsonb not null,
      image text not null,
      fingerprint text not null,
      token text not null,
      intent text,
      tags text[] not null default '{}',
      triggered_by text not null,
      parent_job_id text,
      metadata jsonb not null default '{}',
      reason text,
      container_id text,
      container_removed boolean not null default false,
      expires_at timestamptz,
      dispatched_at timestamptz,
      collected boolean not null default false,
      artifact_problems jsonb not null default '[]',
      usage jsonb,
      outcome jsonb,
      environment jsonb not null default '{}',
      created_at timestamptz not null default now(),
      state text,
      error jsonb,
      started_at timestamptz,
      finished_at timestamptz
    );
    create unique index if not exists ops_runs_name on ops_runs (name);
    create index if not exists ops_runs_principal on ops_runs (principal_id, id);
    create index if not exists ops_runs_unclosed on ops_runs (id) where outcome is null;
    create index if not exists ops_runs_fingerprint on ops_runs (fingerprint, principal_id, id);
    create table if not exists ops_steps (
      run_id text not null references ops_runs (id) on delete cascade,
      n integer not null,
      command text not null,
      exit_code integer,
      stdout text not null default '',
      stderr text not null default '',
      stdout_bytes bigint not null default 0,
      stderr_bytes bigint not null default 0,
      stdout_cut bigint not null default 0,
      stderr_cut bigint not null default 0,
      duration_seconds double precision,
      began_at timestamptz,
      primary key (run_id, n)
    );
    create table if not exists ops_artifacts (
      run_id text not null references ops_runs (id) on delete cascade,
      name text collate "C" not null,
      size_bytes bigint not null,
      sha256 text not null,
      primary key (run_id, name)
    );
    create sequence if not exists ops_uids minvalue 10000 maxvalue 59999 start 10000 cycle;
    create table if not exists ops_containers (
      name text primary key,
      engine text not null,
      kind text not null,
      state text not null,
      uid integer not null,
      container_id text,
      run_id text,
      expires_at timestamptz not null,
      created_at timestamptz not null default now()
    );
    create unique index if not exists ops_containers_uid on ops_containers (engine, uid);
    create unique index if not exists ops_containers_run on ops_containers (run_id) where run_id is not null;
    create or replace function ops_keep_outcome() returns trigger language plpgsql as $$
      begin
        update ops_runs set state = old.state, error = old.error, started_at = old.started_at, finished_at = old.finished_at
        where id = old.id;
        return old;
      end $$;
    drop trigger if exists ops_keep_outcome on jobs;
    create trigger ops_keep_outcome before delete on jobs for each row when (old.kind = 'ops.container')
      execute function ops_keep_outcome();`),
  'ops.0030-cleanup': sqlMigration(
    'alter table ops_runs add column if not exists cleanup_failed boolean not null default false;',
  ),
};

-- The projections of the query service, and the two roles that touch them.
--
-- Every row can be made again from log and archive, so nothing here is the
-- only copy of anything. Both roles are without BYPASSRLS, and row level
-- security is forced, so it binds the owner of the tables too: weir_query sees
-- the tenant set for its transaction, weir_projector writes all tenants.

-- Roles belong to the whole server, where another database may have made them just now.
do $$
declare
  each text;
begin
  foreach each in array array['weir_query', 'weir_projector'] loop
    if not exists (select from pg_roles where rolname = each) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls', each);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;

grant usage on schema weir to weir_query, weir_projector;

create table weir.projections (
  name text primary key,
  stream text not null,
  sequence bigint not null,
  digest text not null,
  incarnation text not null,
  updated_at timestamptz not null default now()
);

create table weir.runs (
  tenant text collate "C" not null,
  run_id text collate "C" not null,
  workflow_id text collate "C" not null,
  version text not null,
  trigger_node text not null,
  trigger_kind text not null,
  started_by text not null,
  labels text not null,
  started_ms bigint not null,
  first_seq bigint not null,
  input text,
  trigger text,
  status text collate "C" not null,
  output text,
  error text,
  ended_ms bigint,
  archived bigint,
  seq bigint not null,
  primary key (tenant, run_id)
);
create index runs_by_start on weir.runs (tenant, started_ms, run_id);
create index runs_by_workflow on weir.runs (tenant, workflow_id, started_ms, run_id);
-- What people look for is what went wrong or is not over.
create index runs_not_succeeded on weir.runs (tenant, status, started_ms, run_id)
  where status <> 'succeeded';
create index runs_open on weir.runs (first_seq) where ended_ms is null;
create index runs_to_archive on weir.runs (ended_ms)
  where archived is null and ended_ms is not null;

-- Labels once more, to find runs by them: under row level security an index
-- serves only comparisons that are known to leak nothing, as equality of text is.
create table weir.labels (
  tenant text collate "C" not null,
  name text collate "C" not null,
  value text collate "C" not null,
  run bigint not null,
  primary key (tenant, name, value, run)
);

-- Steps and attempts name their run by the place where it begins in the log:
-- shorter than its id, and rows that are written together lie together.
create table weir.steps (
  tenant text collate "C" not null,
  run bigint not null,
  place integer not null,
  path text collate "C" not null,
  status text collate "C" not null,
  attempt integer not null,
  node_type text not null,
  queue text not null,
  port text not null,
  output text,
  error text,
  scheduled_ms bigint,
  started_ms bigint,
  ended_ms bigint,
  wake_ms bigint,
  seq bigint not null,
  primary key (run, place)
);

create table weir.attempts (
  tenant text collate "C" not null,
  run bigint not null,
  path text collate "C" not null,
  attempt integer not null,
  status text collate "C" not null,
  worker text not null,
  error text,
  queued_ms bigint not null,
  started_ms bigint,
  ended_ms bigint,
  seq bigint not null,
  primary key (run, path, attempt)
);

create table weir.log_lines (
  tenant text collate "C" not null,
  run_id text collate "C" not null,
  id bigint not null,
  at_ms bigint not null,
  stored_ms bigint not null,
  path text collate "C" not null,
  attempt integer not null,
  level text not null,
  message text not null,
  fields text,
  trace_parent text not null,
  primary key (tenant, run_id, id)
);
-- Lines arrive in the order of their age, so a block range index finds the old ones.
create index log_lines_by_age on weir.log_lines using brin (stored_ms) with (autosummarize = on);

create table weir.workflows (
  tenant text collate "C" not null,
  workflow_id text collate "C" not null,
  name text not null,
  seq bigint not null,
  primary key (tenant, workflow_id)
);

do $$
declare
  each text;
begin
  foreach each in array array['runs', 'labels', 'steps', 'attempts', 'log_lines', 'workflows'] loop
    execute format('alter table weir.%I enable row level security', each);
    execute format('alter table weir.%I force row level security', each);
    execute format(
      'create policy own_tenant on weir.%I for select to weir_query
         using (tenant = (select current_setting(''weir.tenant'', true)))', each);
    execute format(
      'create policy every_tenant on weir.%I to weir_projector
         using (true) with check (true)', each);
    execute format('grant select on weir.%I to weir_query', each);
    execute format(
      'grant select, insert, update, delete, truncate on weir.%I to weir_projector', each);
  end loop;
end $$;

grant select on weir.projections to weir_query;
grant select, insert, update, delete on weir.projections to weir_projector;

-- The project of a run and of its dead letters, empty for none: whose roles count for it. Most runs
-- have none, and who may see those may see all; so the indexes hold the others alone.
--
-- The rows get types of their own: a process of the release before goes on writing with its own.

alter table weir.runs add column project text collate "C" not null default '';
create index runs_by_project on weir.runs (tenant, project, started_ms, run_id)
  where project <> '';

alter table weir.dead_letters add column project text collate "C" not null default '';
create index dead_letters_by_project on weir.dead_letters (tenant, project, last_ms, letter_id)
  where project <> '';

create type weir.run_row_2 as (
  tenant text,
  run_id text,
  workflow_id text,
  version text,
  trigger_node text,
  trigger_kind text,
  started_by text,
  labels text,
  started_ms bigint,
  first_seq bigint,
  input text,
  trigger text,
  status text,
  output text,
  error text,
  ended_ms bigint,
  seq bigint,
  parent_run_id text,
  parent_step text,
  origin_run_id text,
  origin_step text,
  search text,
  waits text,
  project text
);

create type weir.dead_row_2 as (
  tenant text,
  letter_id text,
  run bigint,
  run_id text,
  workflow_id text,
  path text,
  reason text,
  error text,
  attempts integer,
  first_ms bigint,
  last_ms bigint,
  failed_seq bigint,
  payload_seq bigint,
  settled_ms bigint,
  seq bigint,
  project text
);

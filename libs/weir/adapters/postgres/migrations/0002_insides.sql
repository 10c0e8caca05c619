-- What stands inside what: containers and their iterations, runs started by steps of other runs,
-- runs that go on from another one.

alter table weir.runs
  add column parent_run_id text collate "C",
  add column parent_step text,
  add column origin_run_id text collate "C",
  add column origin_step text;
create index runs_by_parent on weir.runs (tenant, parent_run_id, started_ms, run_id)
  where parent_run_id is not null;
create index runs_by_origin on weir.runs (tenant, origin_run_id, started_ms, run_id)
  where origin_run_id is not null;

alter table weir.steps
  add column level integer not null default 0,
  add column waits text not null default '',
  add column total integer,
  add column done integer,
  add column failed integer;
-- Only what stands in something is looked for by its path.
create index steps_inside on weir.steps (run, path) where level > 0;
-- A run of a hundred thousand steps waits for a few of them.
create index steps_waited_for on weir.steps (run, place)
  where status in ('pending', 'queued', 'retrying', 'waiting');

-- The types of the rows that a writer sends, many in one argument. Their fields are those of the
-- tables; what the tables fill in themselves is missing.

create type weir.run_row as (
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
  waits text
);

create type weir.label_row as (
  tenant text,
  name text,
  value text,
  run bigint
);

create type weir.step_row as (
  tenant text,
  run bigint,
  place integer,
  path text,
  status text,
  attempt integer,
  node_type text,
  queue text,
  port text,
  output text,
  error text,
  scheduled_ms bigint,
  started_ms bigint,
  ended_ms bigint,
  wake_ms bigint,
  seq bigint,
  level integer,
  waits text,
  total integer,
  done integer,
  failed integer
);

create type weir.attempt_row as (
  tenant text,
  run bigint,
  path text,
  attempt integer,
  status text,
  worker text,
  error text,
  queued_ms bigint,
  started_ms bigint,
  ended_ms bigint,
  seq bigint
);

create type weir.archived_row as (
  tenant text,
  run_id text,
  through bigint
);

create type weir.log_row as (
  tenant text,
  run_id text,
  id bigint,
  at_ms bigint,
  stored_ms bigint,
  path text,
  attempt integer,
  level text,
  message text,
  fields text,
  trace_parent text
);

create type weir.workflow_row as (
  tenant text,
  workflow_id text,
  name text,
  seq bigint
);

create type weir.dead_row as (
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
  seq bigint
);

create type weir.handled_row as (
  tenant text,
  letter_id text,
  action text,
  note text,
  handled_by text,
  handled_ms bigint,
  through bigint,
  new_run_id text,
  seq bigint
);

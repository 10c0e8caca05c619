-- Deliveries to webhooks that started no run, or that a person made; the others are rows of runs,
-- found by the webhook that started them.

create table weir.webhook_deliveries (
  tenant text collate "C" not null,
  record_id text collate "C" not null,
  webhook_id text collate "C" not null,
  at_ms bigint not null,
  verdict text collate "C" not null,
  code text collate "C" not null,
  reason text not null,
  run_id text collate "C" not null,
  version text not null,
  delivery_id text collate "C" not null,
  method text not null,
  status integer not null,
  size bigint not null,
  kind text collate "C" not null,
  replay_of text collate "C" not null,
  by text not null,
  untold integer not null,
  record text,
  seq bigint not null,
  primary key (tenant, record_id)
);
create index webhook_deliveries_by_time
  on weir.webhook_deliveries (tenant, webhook_id, at_ms, record_id);
create index webhook_deliveries_by_replay on weir.webhook_deliveries (tenant, replay_of)
  where replay_of <> '';
-- They arrive in the order of their age, so a block range index finds the old ones.
create index webhook_deliveries_by_age on weir.webhook_deliveries
  using brin (at_ms) with (autosummarize = on);

create index runs_by_webhook on weir.runs (tenant, started_by, started_ms, run_id)
  where trigger_kind = 'webhook';

create type weir.delivery_row as (
  tenant text,
  record_id text,
  webhook_id text,
  at_ms bigint,
  verdict text,
  code text,
  reason text,
  run_id text,
  version text,
  delivery_id text,
  method text,
  status integer,
  size bigint,
  kind text,
  replay_of text,
  by text,
  untold integer,
  record text,
  seq bigint
);

alter table weir.webhook_deliveries enable row level security;
alter table weir.webhook_deliveries force row level security;
create policy own_tenant on weir.webhook_deliveries for select to weir_query
  using (tenant = (select current_setting('weir.tenant', true)));
create policy every_tenant on weir.webhook_deliveries to weir_projector
  using (true) with check (true);
grant select on weir.webhook_deliveries to weir_query;
grant select, insert, update, delete, truncate on weir.webhook_deliveries to weir_projector;

-- Approvals as they are listed: a copy of what lies in the stream APPROVALS.

create table weir.approvals (
  tenant text collate "C" not null,
  approval_id text collate "C" not null,
  revision bigint not null,
  status text collate "C" not null,
  kind text collate "C" not null,
  project text collate "C" not null,
  workflow_id text collate "C" not null,
  run_id text collate "C" not null,
  names text[] collate "C" not null,
  excluded text[] collate "C" not null,
  voted text[] collate "C" not null,
  asked_ms bigint not null,
  due_ms bigint,
  ended_ms bigint,
  title text not null,
  shown text not null,
  primary key (tenant, approval_id)
);
create index approvals_by_status on weir.approvals (tenant, status, asked_ms, approval_id);
create index approvals_by_time on weir.approvals (tenant, asked_ms, approval_id);
create index approvals_by_run on weir.approvals (tenant, run_id);
create index approvals_by_end on weir.approvals (tenant, ended_ms);
-- No index of names: row level security keeps what is not proved leakproof from any index.

create table weir.approvals_place (
  single boolean primary key default true check (single),
  seq bigint not null
);
insert into weir.approvals_place (seq) values (0);

alter table weir.approvals enable row level security;
alter table weir.approvals force row level security;
create policy own_tenant on weir.approvals for select to weir_query
  using (tenant = (select current_setting('weir.tenant', true)));
create policy every_tenant on weir.approvals to weir_projector
  using (true) with check (true);
grant select on weir.approvals to weir_query;
grant select, insert, update, delete on weir.approvals to weir_projector;
grant select, update on weir.approvals_place to weir_projector;

-- The audit as it is searched: a copy of what lies in the stream AUDIT.

create table weir.audit_entries (
  tenant text collate "C" not null,
  at_ms bigint not null,
  entry_id text collate "C" not null,
  number bigint not null,
  event text collate "C" not null,
  actor text collate "C" not null,
  resource text collate "C" not null,
  outcome text collate "C" not null,
  words tsvector not null,
  entry text not null,
  primary key (tenant, at_ms, entry_id)
);
create index audit_by_actor on weir.audit_entries (tenant, actor, at_ms, entry_id);
create index audit_by_resource on weir.audit_entries (tenant, resource, at_ms, entry_id);
create index audit_by_event on weir.audit_entries (tenant, event, at_ms, entry_id);
-- Most of what is looked for by its outcome did not succeed.
create index audit_by_outcome on weir.audit_entries (tenant, outcome, at_ms, entry_id)
  where outcome <> 'allowed';
-- No index of words: row level security keeps what is not proved leakproof from any index.

create table weir.audit_place (
  single boolean primary key default true check (single),
  seq bigint not null,
  digest text not null
);
insert into weir.audit_place (seq, digest) values (0, '');

alter table weir.audit_entries enable row level security;
alter table weir.audit_entries force row level security;
create policy own_tenant on weir.audit_entries for select to weir_query
  using (tenant = (select current_setting('weir.tenant', true)));
create policy every_tenant on weir.audit_entries to weir_projector
  using (true) with check (true);
grant select on weir.audit_entries to weir_query;
grant select, insert, update, delete, truncate on weir.audit_entries to weir_projector;
grant select, update on weir.audit_place to weir_projector;

-- Dead letters and what was made of them.

create table weir.dead_letters (
  tenant text collate "C" not null,
  letter_id text collate "C" not null,
  run bigint not null,
  run_id text collate "C" not null,
  workflow_id text collate "C" not null,
  path text collate "C" not null,
  reason text collate "C" not null,
  error text,
  attempts integer not null,
  first_ms bigint not null,
  last_ms bigint not null,
  failed_seq bigint not null,
  payload_seq bigint not null,
  settled_ms bigint,
  seq bigint not null,
  primary key (tenant, letter_id)
);
create index dead_letters_by_time on weir.dead_letters (tenant, last_ms, letter_id);
create index dead_letters_by_run on weir.dead_letters (tenant, run_id);

create table weir.letters_handled (
  tenant text collate "C" not null,
  letter_id text collate "C" not null,
  action text collate "C" not null,
  note text not null,
  handled_by text not null,
  handled_ms bigint not null,
  through bigint not null,
  new_run_id text not null,
  seq bigint not null,
  primary key (tenant, letter_id)
);

do $$
declare
  each text;
begin
  foreach each in array array['dead_letters', 'letters_handled'] loop
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

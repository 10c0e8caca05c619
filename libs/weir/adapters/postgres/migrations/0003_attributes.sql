-- Search attributes, labels that a run changes while it goes on, and what a run waits for before
-- its first step. Attributes are found as labels are, under a name that no label has (`:name`).

alter table weir.runs
  add column search text not null default '{}',
  add column waits text not null default '';

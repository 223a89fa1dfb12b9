-- From schema version 1 to 2: what leaves as it came needs scopes, and originals beside the columns.
create table scopes (
    scope_id varchar not null,
    name varchar not null,
    version varchar not null,
    attributes json,
    schema_url varchar,
    otlp blob
);

insert into scopes
select distinct
    md5(concat_ws('|', scope_name, scope_version, scope_attributes)) as scope_id,
    scope_name as name,
    scope_version as version,
    scope_attributes as attributes,
    null as schema_url,
    null as otlp
from spans;

alter table spans add column scope_id varchar;
update spans set scope_id = md5(concat_ws('|', scope_name, scope_version, scope_attributes));
alter table spans drop column scope_attributes;
alter table spans add column dialect varchar;
alter table spans add column usage_rule varchar;
alter table spans add column response_id varchar;
alter table spans add column tags varchar[];
alter table spans add column oddities varchar[];
alter table spans add column landed_ns bigint;
alter table spans add column otlp blob;

alter table resources add column schema_url varchar;
alter table resources add column otlp blob;

-- Made anew from the spans, see collector/store/migration.py.
drop table trace_parts;

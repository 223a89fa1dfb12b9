-- From schema version 1 to 2: what leaves as it came needs scopes, and originals beside the columns; what
-- others sent is read by their dialects, of which version 1 knew OpenTelemetry's alone.
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
    coalesce(scope_attributes, '{}') as attributes,
    null as schema_url,
    null as otlp
from spans;

alter table spans add column scope_id varchar;
alter table spans add column dialect varchar;
alter table spans add column usage_rule varchar;
alter table spans add column response_id varchar;
alter table spans add column tags varchar[];
alter table spans add column oddities varchar[];
alter table spans add column landed_ns bigint;
alter table spans add column otlp blob;

update spans
set
    scope_id = md5(concat_ws('|', scope_name, scope_version, scope_attributes)),
    dialect = case
        when span_type is not null then 'composite'
        when coalesce(operation, provider, model, input_tokens::varchar, output_tokens::varchar, cost_usd::varchar)
            is not null
            then 'gen_ai'
    end,
    usage_rule = case when span_type is null and is_llm_call then 'its own' end,
    response_id = json_extract_string(attributes, '$."gen_ai.response.id"'),
    tags = coalesce(
        case json_type(attributes, '$."langfuse.trace.tags"')
            when 'ARRAY' then json_extract_string(attributes, '$."langfuse.trace.tags"[*]')
        end,
        []
    ),
    oddities = case when start_ns < 946684800000000000 then ['starts before the year 2000'] else [] end;

-- Version 1 took times up to 2^63 - 1 for its own, which no timestamp can hold.
update spans
set
    start_ns = least(start_ns, 9223372036854775806),
    duration_ns = greatest(0, least(duration_ns, 9223372036854775806 - start_ns)),
    oddities = list_append(oddities, 'ends beyond the year 2262')
where start_ns > 9223372036854775806 - duration_ns;

-- Version 1 said of calls of others only that they are some.
update spans set span_type = 'llm_call'
where span_type is null and is_llm_call;

alter table spans drop column scope_attributes;

alter table resources add column schema_url varchar;
alter table resources add column otlp blob;

create table foreign_traces (
    trace_id varchar not null
);

insert into foreign_traces
select distinct trace_id from spans
where
    dialect <> 'composite'
    and (is_llm_call or input_tokens is not null or output_tokens is not null or cost_usd is not null);

-- Made anew from the spans, see collector/store/duckdb/migration.py.
drop table trace_parts;

-- One row per fact about the file itself: schema_version.
create table if not exists meta (
    key varchar not null,
    value varchar not null
);

-- One row per span. No key and no index: ingest removes duplicates by time range, and time-ordered
-- arrival lets zone maps find rows.
create table if not exists spans (
    trace_id varchar not null,  -- 32 hex digits: as small as a blob once compressed, and greppable
    span_id varchar not null,
    -- null for a root; a parent may also be absent because it has not ended yet, so no foreign key
    parent_span_id varchar,
    start_ns bigint not null,
    duration_ns bigint not null,  -- 0 where the sender's end lies before its start
    name varchar not null,
    kind integer not null,
    status_code integer not null,  -- 2 is an error
    status_message varchar,
    service_name varchar,
    scope_name varchar not null,
    scope_version varchar not null,
    scope_attributes json,
    resource_id varchar not null,
    span_type varchar,
    operation varchar,
    provider varchar,
    model varchar,
    strategy varchar,
    model_name varchar,
    role varchar,
    stage_kind varchar,
    stage_name varchar,
    stage_index bigint,
    call_index bigint,
    attempt bigint,
    outcome varchar,
    error_type varchar,
    input_tokens bigint,  -- includes cached and cache_write
    output_tokens bigint,  -- includes reasoning
    cached_tokens bigint,
    cache_write_tokens bigint,
    reasoning_tokens bigint,
    cost_usd double,  -- as recorded when the call ran; null is unknown, never zero
    cost_source varchar,
    price_version varchar,
    usage_source varchar,
    -- money and tokens are only ever summed over these rows
    is_llm_call boolean not null,
    -- of a call: priced | unpriced (nobody knows what it cost) | unbilled (refused, so nothing was used)
    billing varchar,
    simulated boolean not null,
    request_id varchar,
    session_id varchar,
    user_id varchar,
    question varchar,  -- of a request: the first 300 characters of what the user asked last
    input_value varchar using compression zstd,
    output_value varchar using compression zstd,
    input_messages varchar using compression zstd,
    output_messages varchar using compression zstd,
    attributes json using compression zstd,  -- all of them, but for the four texts above
    events json using compression zstd,
    links json using compression zstd,
    trace_state varchar,
    flags bigint not null,
    dropped_attributes bigint not null,
    dropped_events bigint not null,
    dropped_links bigint not null
);

-- One row per distinct resource, that is, per kind of program that sent spans.
create table if not exists resources (
    resource_id varchar not null,
    attributes json not null
);

-- One row per trace and transaction: what that transaction's spans add to the trace. Written together
-- with the spans, so the two cannot drift; the view `traces` adds the parts up.
create table if not exists trace_parts (
    trace_id varchar not null,
    start_ns bigint not null,
    end_ns bigint not null,
    -- The least struct wins when parts are merged: a true root before an orphan, a request before what it
    -- is made of, then the earliest, then the longest.
    root struct(is_child boolean, start_ns bigint, shortness bigint, name varchar) not null,
    request struct(
        is_part boolean, start_ns bigint, shortness bigint, strategy varchar, model_name varchar, question varchar
    ),
    spans bigint not null,
    errors bigint not null,
    failed boolean not null,  -- a root has error status
    calls bigint not null,
    priced_calls bigint not null,
    unpriced_calls bigint not null,
    unbilled_calls bigint not null,
    spend_usd double not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cached_tokens bigint not null,
    reasoning_tokens bigint not null,
    models varchar[] not null,
    simulated boolean not null
);

-- One row per trace, that is, per run, that starts in [since_ns, last_ns]. Its strategy is that of its
-- outermost request.
-- A trace that starts there has a part that does; looking for those parts first spares adding up the whole
-- history.
create or replace macro traces_between(since_ns, last_ns) as table
select *
from
    (
        select
            trace_id,
            min(start_ns) as start_ns,
            max(end_ns) as end_ns,
            (max(end_ns) - min(start_ns)) / 1e6 as latency_ms,
            min(root).name as root_name,
            coalesce(min(request).strategy, 'other') as strategy,
            min(request).model_name as model_name,
            min(request).question as question,
            sum(spans)::bigint as spans,
            sum(errors)::bigint as errors,
            bool_or(failed) as failed,
            sum(calls)::bigint as calls,
            sum(priced_calls)::bigint as priced_calls,
            sum(unpriced_calls)::bigint as unpriced_calls,
            sum(unbilled_calls)::bigint as unbilled_calls,
            sum(spend_usd) as spend_usd,
            sum(input_tokens)::bigint as input_tokens,
            sum(output_tokens)::bigint as output_tokens,
            sum(cached_tokens)::bigint as cached_tokens,
            sum(reasoning_tokens)::bigint as reasoning_tokens,
            list_sort(list_distinct(flatten(list(models)))) as models,
            bool_or(simulated) as simulated
        from trace_parts
        where
            trace_id in (
                select part.trace_id from trace_parts as part
                where part.start_ns >= since_ns and part.start_ns <= last_ns
            )
        group by trace_id
    )
where start_ns >= since_ns;

-- One row per trace of the store.
create or replace view traces as
select * from traces_between(0, 9223372036854775807);

-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them;
-- `origin` is all, real or simulated.
create or replace macro runs(since_ns, until_ns, chosen_strategies, origin) as table
select *
from traces_between(since_ns, until_ns - 1)
where
    (len(chosen_strategies::varchar[]) = 0 or list_contains(chosen_strategies::varchar[], strategy))
    and (origin = 'all' or simulated = (origin = 'simulated'));

-- The start of the bucket a moment falls into, on the clock of `zone`: days begin at its midnight, weeks on
-- its Monday.
create or replace macro local_bucket(ns, bucket_seconds, zone) as
time_bucket(
    to_seconds(bucket_seconds),
    timezone(zone, timezone('UTC', make_timestamp(ns // 1000))),
    timestamp '2000-01-03'
);

-- The start of the bucket a moment falls into, in UTC.
create or replace macro bucket_of(ns, bucket_seconds, zone) as
timezone('UTC', timezone(zone, local_bucket(ns, bucket_seconds, zone)));

-- One row per bucket that lies in [since_ns, until_ns), wholly or in part, by its start in UTC.
create or replace macro buckets(since_ns, until_ns, bucket_seconds, zone) as table
select timezone('UTC', timezone(zone, local_start)) as bucket
from
    (
        select unnest(
            generate_series(
                local_bucket(since_ns, bucket_seconds, zone),
                local_bucket(until_ns - 1, bucket_seconds, zone),
                to_seconds(bucket_seconds)
            )
        ) as local_start
    );

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
    scope_id varchar,
    resource_id varchar not null,
    dialect varchar,  -- whose attribute names filled the columns below; null: none we know
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
    cost_usd double,  -- as recorded when the call ran; null is unknown, never zero; sum only where is_llm_call
    cost_source varchar,
    price_version varchar,
    usage_source varchar,
    usage_rule varchar,  -- why the usage counts, or does not: see collector/usage/rules.py
    response_id varchar,
    -- money and tokens are only ever summed over these rows, which never tell of the same usage twice
    is_llm_call boolean not null,
    -- of a call: priced | unpriced (nobody knows what it cost) | unbilled (refused, so nothing was used)
    -- and unpriced of a span that does not count but tells of more usage than those that do
    billing varchar,
    simulated boolean not null,
    request_id varchar,
    session_id varchar,
    user_id varchar,
    tags varchar[],
    question varchar,  -- of a request: the first 300 characters of what the user asked last
    input_value varchar using compression zstd,
    output_value varchar using compression zstd,
    input_messages varchar using compression zstd,
    output_messages varchar using compression zstd,
    attributes json using compression zstd,  -- all of them, but for the four texts above
    -- no codec for what most spans lack: zstd takes four bytes for every null
    events json,
    links json,
    trace_state varchar,
    flags bigint not null,
    dropped_attributes bigint not null,
    dropped_events bigint not null,
    dropped_links bigint not null,
    oddities varchar[],  -- what is strange about the span, in words
    landed_ns bigint,  -- when the collector took it in; null for spans stored before schema version 2
    otlp blob  -- the span as it came, where the columns cannot tell it whole
);

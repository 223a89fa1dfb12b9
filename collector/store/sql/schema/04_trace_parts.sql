-- One row per trace and transaction: what that transaction's spans add to the trace. Written together
-- with the spans, so the two cannot drift. From time to time the parts of a trace are merged into one row,
-- which is then `settled`, so that adding up a window is reading one row a trace.
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
    -- the calls, by what was called; a model comes once for each part the row was merged from
    by_model struct(model varchar, calls bigint, unpriced_calls bigint, spend_usd double)[] not null,
    simulated boolean not null,
    service_name varchar,
    session_id varchar,
    user_id varchar,
    tags varchar[],
    settled boolean not null  -- all parts of the trace until then in one; a later part makes it wait again
);

-- One row per span of the exporter's table that starts in [since_ns, until_ns) and is not stored here yet.
-- Rows whose ids are no ids are left where they are.
select
    lower(TraceId) as trace_id,
    lower(SpanId) as span_id,
    if(match(ParentSpanId, '^[0-9a-fA-F]{16}$'), lower(ParentSpanId), '') as parent_span_id,
    TraceState as trace_state,
    SpanName as name,
    SpanKind as kind,
    toUnixTimestamp64Nano(Timestamp) as start_ns,
    toUInt64(Duration) as duration_ns,
    StatusCode as status_code,
    StatusMessage as status_message,
    ResourceAttributes as resource,
    ScopeName as scope_name,
    ScopeVersion as scope_version,
    SpanAttributes as attributes,
    arrayMap(at -> toUnixTimestamp64Nano(at), Events.Timestamp) as event_ns,
    Events.Name as event_names,
    Events.Attributes as event_attributes,
    Links.TraceId as link_trace_ids,
    Links.SpanId as link_span_ids,
    Links.TraceState as link_trace_states,
    Links.Attributes as link_attributes
from {database:Identifier}.{table:Identifier}
where
    Timestamp >= fromUnixTimestamp64Nano({since_ns:Int64})
    and Timestamp < fromUnixTimestamp64Nano({until_ns:Int64})
    and match(TraceId, '^[0-9a-fA-F]{32}$') and match(TraceId, '[^0]')
    and match(SpanId, '^[0-9a-fA-F]{16}$') and match(SpanId, '[^0]')
    and (lower(TraceId), lower(SpanId)) not in (
        select trace_id, span_id from spans
        where start_ns >= {since_ns:Int64} and start_ns < {until_ns:Int64}
    )
order by Timestamp
limit {most:Int64}

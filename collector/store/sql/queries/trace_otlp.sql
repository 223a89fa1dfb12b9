-- One row per span of one trace, with all that OTLP says of it.
select
    span.trace_id,
    span.span_id,
    span.parent_span_id,
    span.start_ns,
    span.duration_ns,
    span.name,
    span.kind,
    span.status_code,
    span.status_message,
    span.dialect,
    span.input_value,
    span.output_value,
    span.input_messages,
    span.output_messages,
    span.attributes::varchar as attributes,
    span.events::varchar as events,
    span.links::varchar as links,
    span.trace_state,
    span.flags,
    span.dropped_attributes,
    span.dropped_events,
    span.dropped_links,
    span.otlp,
    span.resource_id,
    resource.attributes::varchar as resource_attributes,
    resource.schema_url as resource_schema_url,
    resource.otlp as resource_otlp,
    span.scope_id,
    scope.name as scope_name,
    scope.version as scope_version,
    scope.attributes::varchar as scope_attributes,
    scope.schema_url as scope_schema_url,
    scope.otlp as scope_otlp
from spans as span
left join resources as resource on span.resource_id = resource.resource_id
left join scopes as scope on span.scope_id = scope.scope_id
where span.trace_id = $trace_id and span.start_ns between $first_ns and $last_ns
order by span.start_ns, span.span_id;

-- One row per distinct scope, that is, per library that made spans.
create table if not exists scopes (
    scope_id varchar not null,
    name varchar not null,
    version varchar not null,
    attributes json,
    schema_url varchar,
    otlp blob  -- as it came; null for scopes stored before schema version 2
);

-- One row per distinct resource, that is, per kind of program that sent spans.
create table if not exists resources (
    resource_id varchar not null,
    attributes json not null,
    schema_url varchar,
    otlp blob  -- as it came; null for resources stored before schema version 2
);

-- One row per distinct resource, that is, per kind of program that sent spans.
create table if not exists resources (
    resource_id String,
    attributes String codec(ZSTD(3)),
    schema_url Nullable(String),
    otlp Nullable(String) codec(ZSTD(3))
)
engine = ReplacingMergeTree
order by resource_id
settings fsync_after_insert = 1, fsync_part_directory = 1;

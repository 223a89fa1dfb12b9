-- One row per distinct scope, that is, per library that made spans.
create table if not exists scopes (
    scope_id String,
    name String,
    version String,
    attributes String codec(ZSTD(3)),
    schema_url Nullable(String),
    otlp Nullable(String) codec(ZSTD(3))
)
engine = ReplacingMergeTree
order by scope_id
settings fsync_after_insert = 1, fsync_part_directory = 1;

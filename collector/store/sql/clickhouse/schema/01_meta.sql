-- One row per fact about the tables themselves: schema_version.
create table if not exists meta (
    key String,
    value String
)
engine = ReplacingMergeTree
order by key;

-- One row per fact about the file itself: schema_version.
create table if not exists meta (
    key varchar not null,
    value varchar not null
);

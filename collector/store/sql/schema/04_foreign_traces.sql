-- One row per trace in which spans of other instrumentations carry usage, as those may repeat each other.
create table if not exists foreign_traces (
    trace_id varchar not null
);

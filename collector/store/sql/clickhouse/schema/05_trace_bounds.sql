-- One row per trace, once its copies are merged: when its first and its last span start, as far as is known,
-- and whether usage of another instrumentation is in it. Copies and repeated deliveries do no harm, because
-- only the extremes count. It spares a look at every span to learn which traces begin in a window, and which
-- have spans that may repeat each other.
create table if not exists trace_bounds (
    trace_id String codec(ZSTD(1)),
    start_ns SimpleAggregateFunction(min, Int64) codec(ZSTD(1)),
    last_ns SimpleAggregateFunction(max, Int64) codec(ZSTD(1)),
    has_foreign SimpleAggregateFunction(max, Bool)
)
engine = AggregatingMergeTree
order by trace_id
-- Every commit looks up some hundred traces, each in a granule of its own.
settings fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 512, materialize_ttl_recalculate_only = 1;

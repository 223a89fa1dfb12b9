-- One row per trace, once its copies are merged: when it starts, as far as is known. Copies and repeated
-- deliveries do no harm, because only the least counts. It spares a look at every span before a window to
-- learn which traces begin there.
create table if not exists trace_starts (
    trace_id String codec(ZSTD(1)),
    start_ns SimpleAggregateFunction(min, Int64) codec(ZSTD(1))
)
engine = AggregatingMergeTree
order by trace_id
settings fsync_after_insert = 1, fsync_part_directory = 1;

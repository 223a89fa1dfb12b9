-- The same start in UTC. Asked for once a bucket, not once a run: time zones are slow.
create or replace macro bucket_in_utc(local_start, zone) as
timezone('UTC', timezone(zone, local_start));

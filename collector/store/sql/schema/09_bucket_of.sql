-- The start of the bucket a moment falls into, in UTC.
create or replace macro bucket_of(ns, bucket_seconds, zone) as
timezone('UTC', timezone(zone, local_bucket(ns, bucket_seconds, zone)));

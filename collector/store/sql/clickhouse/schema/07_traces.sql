-- One row per trace of the store.
create or replace view traces as
select * from traces_between(since_ns = 0, last_ns = 9223372036854775807);

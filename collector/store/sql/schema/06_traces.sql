-- One row per trace of the store.
create or replace view traces as
select * from traces_between(0, 9223372036854775807);

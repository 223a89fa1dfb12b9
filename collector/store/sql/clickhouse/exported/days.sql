-- One row per day, in UTC, that the exporter's table has spans of: its beginning. The newest first.
select distinct toInt64(intDiv(toUnixTimestamp64Nano(Timestamp), 86400000000000)) * 86400000000000 as since_ns
from {database:Identifier}.{table:Identifier}
order by since_ns desc

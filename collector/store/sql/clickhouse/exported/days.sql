-- One row per day, in UTC, that the exporter's table has spans of: its beginning. The newest first. Days that
-- retention would take away again at once are left out.
select distinct toInt64(intDiv(toUnixTimestamp64Nano(Timestamp), 86400000000000)) * 86400000000000 as since_ns
from {database:Identifier}.{table:Identifier}
where {retention_days:Int64} = 0 or Timestamp >= now64(9) - toIntervalDay({retention_days:Int64})
order by since_ns desc

-- Pair holds with the lines they are about, within a scope: the lines of a range, or its holds. A line is held when it
-- meets everything the hold names; a hold keeps its own line as well. By what is named first of the four, so that no
-- pair is looked at in vain. What is in the scope is read first, so that nothing else is read for it.
{sources}
INSERT INTO hold_line (lane, position, hold_position)
SELECT %(lane)s, line.position, held.position
FROM {holds} AS held
JOIN {lines} AS line ON line.lane = %(lane)s AND line.stream_id = held.stream_id
WHERE held.lane = %(lane)s AND {scope} AND {alike}
UNION
SELECT %(lane)s, line.position, held.position
FROM {holds} AS held
JOIN {lines} AS line ON line.lane = %(lane)s AND line.case_index = held.case_index
WHERE held.lane = %(lane)s AND held.stream_id IS NULL AND {scope} AND {alike}
UNION
SELECT %(lane)s, line.position, held.position
FROM {holds} AS held
JOIN {lines} AS line ON line.lane = %(lane)s AND line.covenant = held.covenant
WHERE held.lane = %(lane)s AND held.stream_id IS NULL AND held.case_index IS NULL AND {scope} AND {alike}
UNION
SELECT %(lane)s, line.position, held.position
FROM {holds} AS held
JOIN {lines} AS line ON line.lane = %(lane)s AND line.parties @> ARRAY[held.party]
WHERE held.lane = %(lane)s AND held.stream_id IS NULL AND held.case_index IS NULL AND held.covenant IS NULL AND {scope}
UNION
SELECT %(lane)s, line.position, held.position
FROM {holds} AS held
JOIN {lines} AS line ON line.lane = %(lane)s AND line.position = held.position
WHERE held.lane = %(lane)s AND {scope}
ON CONFLICT DO NOTHING

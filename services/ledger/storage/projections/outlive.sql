-- Whether holds kept a line from the position where it ended until a moment: one of them stands then, and there is none
-- before it that came when nothing kept the line any more. What came too late keeps nothing. Of each pair its hold is
-- looked up (OFFSET 0): there are more holds in a lane than on a line.
EXISTS (
    SELECT FROM hold_line AS pair
    CROSS JOIN LATERAL (
        SELECT held.released_position FROM hold AS held
        WHERE held.lane = %(lane)s AND held.position = pair.hold_position
        OFFSET 0
    ) AS keeping
    WHERE pair.lane = %(lane)s AND pair.position = {line}
        AND pair.hold_position < {moment} AND coalesce(keeping.released_position, %(never)s) > {moment}
        AND NOT EXISTS (
            SELECT FROM hold_line AS late
            WHERE late.lane = %(lane)s AND late.position = {line}
                AND late.hold_position <= pair.hold_position AND late.hold_position > {ended}
                AND NOT EXISTS (
                    SELECT FROM hold_line AS earlier
                    CROSS JOIN LATERAL (
                        SELECT held.released_position FROM hold AS held
                        WHERE held.lane = %(lane)s AND held.position = earlier.hold_position
                        OFFSET 0
                    ) AS bridge
                    WHERE earlier.lane = %(lane)s AND earlier.position = {line}
                        AND earlier.hold_position < late.hold_position
                        AND coalesce(bridge.released_position, %(never)s) > late.hold_position
                )
        )
)

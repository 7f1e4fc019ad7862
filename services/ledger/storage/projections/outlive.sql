-- Whether holds kept a line from the position where it ended until a moment: one of them stands then, and there is none
-- before it that came when nothing kept the line any more. What came too late keeps nothing.
EXISTS (
    SELECT FROM hold_line AS pair
    JOIN hold AS held ON held.lane = %(lane)s AND held.position = pair.hold_position
    WHERE pair.lane = %(lane)s AND pair.position = {line}
        AND held.position < {moment} AND coalesce(held.released_position, %(never)s) > {moment}
        AND NOT EXISTS (
            SELECT FROM hold_line AS other
            JOIN hold AS late ON late.lane = %(lane)s AND late.position = other.hold_position
            WHERE other.lane = %(lane)s AND other.position = {line}
                AND late.position <= held.position AND late.position > {ended}
                AND NOT EXISTS (
                    SELECT FROM hold_line AS earlier
                    JOIN hold AS bridge ON bridge.lane = %(lane)s AND bridge.position = earlier.hold_position
                    WHERE earlier.lane = %(lane)s AND earlier.position = {line}
                        AND bridge.position < late.position
                        AND coalesce(bridge.released_position, %(never)s) > late.position
                )
        )
)

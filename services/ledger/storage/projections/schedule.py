"""What ends on which day, and which rules say so: the statement of the schedule, and its rows of every lane as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import Final, LiteralString

from services.ledger.application.retention_ports import EndingLines, EndingRule
from services.ledger.application.term_view import LATER_TERM

# What was taken back, or stands corrected elsewhere, gives nobody a term any more. An aggregate is never made a join:
# each line looks up its own rows.
STANDS: Final = """NOT coalesce(
    (
        SELECT bool_or(act.removed_at IS NOT NULL) FROM projection.holding_act AS act
        WHERE act.lane = %(lane)s AND act.position = line.position
    ),
    false
)"""

# One row per day, what ends on it, whose it is, and which rules gave the end of how many of these lines. Of the record
# only what no hold keeps has a day. The rules of a holding stand in the envelopes of its lines, which say the same to
# whoever rebuilds; they are read of the days of one page only. A later event that moved the holding outweighs them; one
# that left it where it was does not.
SCHEDULE: Final[LiteralString] = (
    # Every part is a constant (mypy holds LiteralString).
    """
WITH page AS MATERIALIZED (
    SELECT ending.day, ending.what, ending.controller, ending.covenant, ending.annex, count(*) AS lines
    FROM (
        SELECT line.ends AS day, 'holding' AS what, line.parties[1] AS controller, line.covenant, line.annex
        FROM projection.dossier_line AS line
        WHERE line.lane = %(lane)s AND line.parties @> ARRAY[%(party)s::text] AND line.kept_until >= %(today)s
            AND line.kind = 1 AND line.ends BETWEEN %(from)s AND %(until)s AND """  # noqa: S608
    + STANDS
    + """
        UNION ALL
        SELECT line.kept_until, 'record', line.parties[1], line.covenant, line.annex
        FROM projection.dossier_line AS line
        WHERE line.lane = %(lane)s AND line.parties @> ARRAY[%(party)s::text]
            AND line.kept_until BETWEEN %(from)s AND %(until)s
    ) AS ending
    WHERE %(after)s::text[] IS NULL OR ARRAY[
        ending.day::text, ending.what, ending.controller, coalesce(ending.covenant, ''), coalesce(ending.annex, '')
    ] COLLATE "C" > %(after)s::text[] COLLATE "C"
    GROUP BY ending.day, ending.what, ending.controller, ending.covenant, ending.annex
    ORDER BY ARRAY[
        ending.day::text, ending.what, ending.controller, coalesce(ending.covenant, ''), coalesce(ending.annex, '')
    ] COLLATE "C"
    LIMIT %(limit)s
),
said AS (
    SELECT
        line.ends AS day, line.parties[1] AS controller, coalesce(line.covenant, '') AS covenant,
        coalesce(line.annex, '') AS annex, envelope."termRule" AS rule, envelope."termsLost" AS lost,
        EXISTS (
            SELECT FROM projection.later_line AS later
            JOIN stored_events AS told ON told.lane = %(lane)s AND told.notification_id = later.position
            CROSS JOIN LATERAL json_to_record(convert_from(told.envelope, 'UTF8')::json) AS change (
                "newHoldingEnds" date
            )
            WHERE later.lane = %(lane)s AND later.about_position = line.position
                AND change."newHoldingEnds" <> coalesce(envelope."holdingEnds", '-infinity')
        ) AS moved
    FROM projection.dossier_line AS line
    JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        "termRule" text, "termsLost" text[], "holdingEnds" date
    )
    WHERE line.lane = %(lane)s AND line.parties @> ARRAY[%(party)s::text] AND line.kept_until >= %(today)s
        AND line.kind = 1 AND line.ends BETWEEN (SELECT min(day) FROM page) AND (SELECT max(day) FROM page) AND """
    + STANDS
    + """
),
ruled AS (
    SELECT day, controller, covenant, annex, rule, lost, moved, count(*) AS lines
    FROM said
    GROUP BY day, controller, covenant, annex, rule, lost, moved
)
SELECT
    page.day, page.what, page.controller, page.covenant, page.annex, page.lines,
    ruled.rule, ruled.lost, ruled.moved, ruled.lines
FROM page
LEFT JOIN ruled
    ON page.what = 'holding' AND ruled.day = page.day AND ruled.controller = page.controller
    AND ruled.covenant = coalesce(page.covenant, '') AND ruled.annex = coalesce(page.annex, '')
"""
)

EndingKey = tuple[date, str, str, str | None, str | None]
"""Day, what ends, controller, covenant, annex."""
RuleKey = tuple[str | None, tuple[str, ...]]
"""The rule that holds and those that lost to it."""
ScheduleRow = tuple[date, str, str, str | None, str | None, int, str | None, list[str] | None, bool | None, int | None]
"""The key and its lines; a rule, what lost to it as an envelope keeps it, whether a later term moved these, and how
many they are: None where nothing is said of rules."""


def endings_of(rows_by_lane: Iterable[Iterable[ScheduleRow]], limit: int) -> list[EndingLines]:
    """The endings of all lanes as one, the first ``limit`` in order of place.

    Each lane gave its own first ones: no group before the last of these can be missing in the sum.
    """
    lines: defaultdict[EndingKey, int] = defaultdict(int)
    rules: defaultdict[EndingKey, defaultdict[RuleKey, int]] = defaultdict(lambda: defaultdict(int))
    for rows in rows_by_lane:
        counted: dict[EndingKey, int] = {}
        for day, what, controller, covenant, annex, count, rule, lost, moved, ruled in rows:
            key = (day, what, controller, covenant, annex)
            counted[key] = count
            if ruled is not None:
                rules[key][_rule_key(rule, lost or (), moved=bool(moved))] += ruled
        for key, count in counted.items():
            lines[key] += count
    found = [_ending(key, count, rules[key]) for key, count in lines.items()]
    return sorted(found, key=attrgetter("place"))[:limit]


def _rule_key(stated: str | None, printed: Iterable[str], *, moved: bool) -> RuleKey:
    """What holds and what lost, by name: a later term that moved the holding beats the rule of the act."""
    lost = tuple(each.partition(" ")[0] for each in printed)
    if not moved:
        return stated, lost
    return LATER_TERM, lost if stated is None else (stated, *lost)


def _ending(key: EndingKey, lines: int, counts: dict[RuleKey, int]) -> EndingLines:
    day, what, controller, covenant, annex = key
    rules = [EndingRule(rule=rule, lost=lost, lines=count) for (rule, lost), count in counts.items()]
    # The rule by which most ends first; then by name, so that an answer is the same each time.
    rules.sort(key=lambda each: (-each.lines, each.rule or "", each.lost))
    return EndingLines(
        day=day, what=what, controller=controller, covenant=covenant, annex=annex, lines=lines, rules=tuple(rules)
    )

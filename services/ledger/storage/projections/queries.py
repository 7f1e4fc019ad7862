"""The questions to the projections. Each statement binds one lane; pages run through the lanes in ascending order.

Every one asks for rows that are kept until today, so that what ended leaves all answers at midnight, and what was
erased at once.
"""

from __future__ import annotations

from typing import Final, LiteralString

POSITIONS: Final = "SELECT lane, position FROM projection.cursor"

LINE_COLUMNS: Final = """
SELECT
    line.lane, line.stream_id, line.position, line.kind, line.operation_id, line.occurred_at, line.recorded_at,
    line.author, line.parties, line.parties[cardinality(line.parties) - line.recipient_count + 1:] AS recipients,
    line.covenant
FROM projection.dossier_line AS line
"""
DOSSIER: Final[LiteralString] = (
    LINE_COLUMNS
    + """
WHERE line.lane = %(lane)s AND line.stream_id = ANY(%(streams)s)
    AND line.occurred_at <= %(as_of)s AND line.recorded_at <= %(as_known_at)s AND line.kept_until >= %(today)s
ORDER BY line.position
"""
)
SEARCH_START: Final[LiteralString] = (
    LINE_COLUMNS + "WHERE line.lane = %(lane)s AND line.position > %(after)s AND line.kept_until >= %(today)s"
)
SEARCH_END: Final = " ORDER BY line.position LIMIT %(limit)s"
SEARCH_CONDITIONS: Final[dict[str, LiteralString]] = {
    "party": " AND line.parties @> ARRAY[%(party)s::text]",
    "reader": " AND line.parties @> ARRAY[%(reader)s::text]",
    "recipient": (
        " AND line.parties @> ARRAY[%(recipient)s::text]"
        " AND %(recipient)s = ANY(line.parties[cardinality(line.parties) - line.recipient_count + 1:])"
    ),
    "trace_id": " AND line.trace_id = %(trace_id)s",
    "case_indexes": " AND line.case_index = ANY(%(case_indexes)s)",
    "activity": " AND line.activity = %(activity)s",
    # Notices and exemptions, spelled as their index is.
    "told": " AND line.kind IN (6, 7)",
    "covenant": " AND line.covenant = %(covenant)s",
    "annex": " AND line.annex = %(annex)s",
    "covenants": " AND line.covenant = ANY(%(covenants)s)",
    "streams": " AND line.stream_id = ANY(%(streams)s)",
    "occurred_from": " AND line.occurred_at >= %(occurred_from)s",
    "occurred_until": " AND line.occurred_at <= %(occurred_until)s",
}

# What starts a statutory clock, spelled as its index is.
CLOCKED: Final[LiteralString] = (
    LINE_COLUMNS
    + """
WHERE line.lane = %(lane)s AND line.kind IN (7, 11, 13) AND line.kept_until >= %(today)s
ORDER BY line.position DESC
LIMIT %(limit)s
"""
)

# From the lines of the persons to their acts, whatever the planner knows of the tables (OFFSET 0): a new ledger has no
# statistics yet, and the other way round would look at the acts of everybody.
HOLDING_ACTS: Final = """
SELECT
    act.lane, act.stream_id, act.party, act.position, line.operation_id,
    CASE WHEN act.effect < 0 THEN -1 ELSE 1 END AS effect,
    act.occurred_at, act.recorded_at, act.categories, act.removed_at, line.ends,
    CASE act.effect WHEN 2 THEN line.parties[1] END AS supplied_by,
    line.covenant, line.annex, line.covenant_version, line.gdpr, line.statute, line.list_kind,
    encode(line.list_index, 'hex') AS list_index, line.case_index
FROM projection.dossier_line AS line
CROSS JOIN LATERAL (
    SELECT * FROM projection.holding_act AS own WHERE own.lane = %(lane)s AND own.position = line.position OFFSET 0
) AS act
WHERE line.lane = %(lane)s AND line.stream_id = ANY(%(streams)s)
    AND act.occurred_at <= %(as_of)s AND act.recorded_at <= %(as_known_at)s AND line.kept_until >= %(today)s
    AND (act.removed_at IS NULL OR act.removed_at > %(as_known_at)s)
ORDER BY act.position, act.party
"""

# Of the lines of these persons to which another end was given (kind 14) after that instant: the end as known then. What
# the lines themselves say is the end that was set last.
ENDS_THEN: Final = """
WITH changed AS MATERIALIZED (
    SELECT DISTINCT later.about_position AS position
    FROM projection.dossier_line AS line
    CROSS JOIN LATERAL (
        SELECT own.about_position FROM projection.later_line AS own
        WHERE own.lane = %(lane)s AND own.position = line.position
        OFFSET 0
    ) AS later
    WHERE line.lane = %(lane)s AND line.stream_id = ANY(%(streams)s) AND line.kind = 14
        AND line.recorded_at > %(as_known_at)s
)
SELECT
    event.lane, event.notification_id,
    coalesce(known.ends, (convert_from(event.envelope, 'UTF8')::json ->> 'holdingEnds')::date)
FROM changed
JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = changed.position
LEFT JOIN LATERAL (
    SELECT change.ends
    FROM projection.later_line AS later
    JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
    JOIN stored_events AS told ON told.lane = %(lane)s AND told.notification_id = later.position
    CROSS JOIN LATERAL (
        SELECT (convert_from(told.envelope, 'UTF8')::json ->> 'newHoldingEnds')::date AS ends
    ) AS change
    WHERE later.lane = %(lane)s AND later.about_position = changed.position
        AND line.kind = 14 AND line.recorded_at <= %(as_known_at)s AND change.ends IS NOT NULL
    ORDER BY later.position DESC
    LIMIT 1
) AS known ON true
"""

HOLDERS_PAGE: Final = """
SELECT DISTINCT stream_id
FROM projection.holding_act
WHERE party = %(party)s AND lane = %(lane)s AND stream_id > %(after)s AND effect > 0
    AND occurred_at <= %(as_of)s AND recorded_at <= %(as_known_at)s AND kept_until >= %(today)s
    AND (removed_at IS NULL OR removed_at > %(as_known_at)s)
ORDER BY stream_id
LIMIT %(limit)s
"""

# Persons about whom something happened (kind 1) to a party, or under a covenant for which a party tells; and erasures
# (kind 19), whose streams stand for the persons that are no longer found otherwise. Two arms, each of which ends at its
# page: a condition on either could use no index. An act on a stream with a derived id is about no person.
DUTY_PERSONS_START: Final = """
SELECT DISTINCT line.stream_id
FROM projection.dossier_line AS line
WHERE line.lane = %(lane)s AND line.stream_id > %(after)s AND line.kept_until >= %(today)s
    AND line.occurred_at <= %(as_of)s AND line.recorded_at <= %(as_known_at)s
    AND (line.kind = 19 OR (line.kind = 1 AND get_byte(uuid_send(line.stream_id), 6) >> 4 <> 5))
"""
DUTY_PERSONS_OF_PARTY: Final = " AND line.parties @> ARRAY[%(party)s::text]"
DUTY_PERSONS_UNDER: Final = " AND line.covenant = ANY(%(covenants)s)"
DUTY_PERSONS_END: Final = " ORDER BY line.stream_id LIMIT %(limit)s"
DUTY_PERSONS_ANY: Final[LiteralString] = DUTY_PERSONS_START + DUTY_PERSONS_END
DUTY_PERSONS: Final[LiteralString] = (
    "("
    + DUTY_PERSONS_START
    + DUTY_PERSONS_OF_PARTY
    + DUTY_PERSONS_END
    + ") UNION ("
    + DUTY_PERSONS_START
    + DUTY_PERSONS_UNDER
    + DUTY_PERSONS_END
    + ") ORDER BY stream_id LIMIT %(limit)s"
)

# Held at some moment of the window: an act up to its end that the holder had not yet deleted when the window began, or
# when the act began if that was later. The category must survive: a delete may name others. What is owed is still held.
KNOWN_ACT: Final = """
    act.party = %(party)s AND act.lane = %(lane)s AND act.effect > 0
    AND act.occurred_at <= %(until)s AND act.recorded_at <= %(as_known_at)s AND act.kept_until >= %(today)s
    AND (act.removed_at IS NULL OR act.removed_at > %(as_known_at)s)
    AND (cardinality(%(categories)s::text[]) = 0 OR act.categories && %(categories)s::text[])
"""
ENDING_DELETE: Final = """
    SELECT FROM projection.holding_act AS gone
    WHERE gone.party = %(party)s AND gone.lane = %(lane)s AND gone.effect < 0
        AND gone.stream_id = act.stream_id
        AND gone.occurred_at BETWEEN act.occurred_at AND greatest(act.occurred_at, %(from)s)
        AND gone.recorded_at <= %(as_known_at)s AND gone.kept_until >= %(today)s
        AND (gone.removed_at IS NULL OR gone.removed_at > %(as_known_at)s)
"""
SURVIVING_CATEGORY: Final[LiteralString] = (
    """
    SELECT FROM unnest(act.categories) AS named (category)
    WHERE (cardinality(%(categories)s::text[]) = 0 OR category = ANY(%(categories)s::text[]))
        AND NOT EXISTS ("""
    + ENDING_DELETE
    + "AND (cardinality(gone.categories) = 0 OR category = ANY(gone.categories)))"
)
IMPACT_PAGE_START: Final[LiteralString] = (
    # Every part is a constant (mypy holds LiteralString).
    "SELECT DISTINCT act.stream_id FROM projection.holding_act AS act WHERE "  # noqa: S608
    + KNOWN_ACT
    + "AND act.stream_id > %(after)s AND EXISTS ("
    + SURVIVING_CATEGORY
    + ")"
)
IMPACT_PAGE_END: Final = " ORDER BY act.stream_id LIMIT %(limit)s"
# Less what the party did for itself or got from others than these. Statements of their own: what a party had in all is
# counted over hundreds of thousands of acts.
SUPPLIED_ACT: Final = """
    AND CASE act.effect
        WHEN 2 THEN (
            SELECT line.parties[1] FROM projection.dossier_line AS line
            WHERE line.lane = %(lane)s AND line.position = act.position
        )
        ELSE act.party
    END = ANY(%(suppliers)s::text[])
"""
IMPACT_PAGE: Final[LiteralString] = IMPACT_PAGE_START + IMPACT_PAGE_END
IMPACT_PAGE_SUPPLIED: Final[LiteralString] = IMPACT_PAGE_START + SUPPLIED_ACT + IMPACT_PAGE_END
# Under which covenants, if any, and on which days the acts were by which a party had something of these persons then.
IMPACT_COVENANTS: Final[LiteralString] = (
    "SELECT DISTINCT line.covenant, (act.occurred_at AT TIME ZONE 'Europe/Amsterdam')::date"  # noqa: S608
    " FROM projection.holding_act AS act"
    " JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = act.position WHERE "
    + KNOWN_ACT
    + "AND act.stream_id = ANY(%(streams)s) AND EXISTS ("
    + SURVIVING_CATEGORY
    + ")"
)
# Of most persons the party never deleted anything: one look into the few of whom it did is enough for their acts. Only
# the others are looked at by category.
IMPACT_COUNTS: Final[LiteralString] = (
    "SELECT count(DISTINCT act.stream_id), count(*) FROM projection.holding_act AS act WHERE "  # noqa: S608
    + KNOWN_ACT
    + """ AND act.stream_id <> ALL(%(apart)s::uuid[])
    AND (
        act.stream_id NOT IN (
            SELECT deleted.stream_id FROM projection.holding_act AS deleted
            WHERE deleted.party = %(party)s AND deleted.lane = %(lane)s AND deleted.effect < 0
        )
        OR EXISTS ("""
    + SURVIVING_CATEGORY
    + "))"
)
IMPACT_COUNTS_SUPPLIED: Final[LiteralString] = IMPACT_COUNTS + SUPPLIED_ACT

# From an act to the correction (kind 4) that put another one in its place, as corrected or about the right person, who
# may live in another lane. That one stands under the operation of the correction and may have been corrected again.
VERSIONS: Final = """
WITH RECURSIVE version (operation_id) AS (
    SELECT unnest(%(operations)s::uuid[])
    UNION
    SELECT correction.operation_id
    FROM version
    JOIN stored_events AS act ON act.lane = %(lane)s AND act.operation_id = version.operation_id
    JOIN projection.later_line AS later ON later.lane = %(lane)s AND later.about_position = act.notification_id
    JOIN projection.dossier_line AS line
        ON line.lane = %(lane)s AND line.position = later.position AND line.kind = 4
    JOIN stored_events AS correction ON correction.lane = %(lane)s AND correction.notification_id = later.position
    WHERE convert_from(correction.envelope, 'UTF8')::json ->> 'correction' IN ('replaced', 'wrong-person')
)
SELECT operation_id FROM version
"""

# What a party itself did: recorded acts (kind 1) about persons; a stream with a derived id is nobody's. Who does an act
# stands before its recipients. What a correction (kind 4) undid or replaced is left out from when that was known.
DONE_ACT: Final = """
SELECT
    line.lane, line.stream_id, %(party)s::text AS party, line.position, line.operation_id, 1 AS effect,
    line.occurred_at, line.recorded_at, coalesce(act."dataCategories", '{}') AS categories,
    NULL::timestamptz AS removed_at, line.ends, NULL::text AS supplied_by,
    line.covenant, line.annex, line.covenant_version, line.gdpr, line.statute, line.list_kind,
    encode(line.list_index, 'hex') AS list_index, line.case_index
"""
STANDING_ACT: Final = """
    AND line.kind = 1 AND line.recorded_at <= %(as_known_at)s AND line.kept_until >= %(today)s
    AND %(party)s::text = ANY(line.parties[:cardinality(line.parties) - line.recipient_count])
    AND (cardinality(%(controllers)s::text[]) = 0 OR line.parties[1] = ANY(%(controllers)s::text[]))
    AND get_byte(uuid_send(line.stream_id), 6) >> 4 <> 5
    AND NOT EXISTS (
        SELECT FROM projection.later_line AS later
        JOIN projection.dossier_line AS said ON said.lane = %(lane)s AND said.position = later.position
        JOIN stored_events AS correction
            ON correction.lane = %(lane)s AND correction.notification_id = later.position
        WHERE later.lane = %(lane)s AND later.about_position = line.position
            AND said.kind = 4 AND said.recorded_at <= %(as_known_at)s
            AND convert_from(correction.envelope, 'UTF8')::json ->> 'correction'
                IN ('annulled', 'wrong-person', 'replaced')
    )
"""
NAMED_ACTS: Final[LiteralString] = (
    # Every part is a constant (mypy holds LiteralString).
    DONE_ACT  # noqa: S608
    + """
FROM stored_events AS event
CROSS JOIN LATERAL (
    SELECT * FROM projection.dossier_line AS own
    WHERE own.lane = %(lane)s AND own.position = event.notification_id
    OFFSET 0
) AS line
CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS act ("dataCategories" text[])
WHERE event.lane = %(lane)s AND event.operation_id = ANY(%(operations)s::uuid[])"""
    + STANDING_ACT
    + "ORDER BY line.position"
)
# What a party processed for other controllers in a window: what it did in it, and what it had recorded for them before
# and they had not deleted when the window began.
PROCESSED_LINES: Final = "FROM projection.dossier_line AS line"
# Which data an act of any class is about stands in its envelope only; who asks about all of them need not open it.
ENVELOPE_CATEGORIES: Final = """
JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS act ("dataCategories" text[])
"""
OF_CATEGORIES: Final = """
    AND (cardinality(%(categories)s::text[]) = 0 OR act."dataCategories" && %(categories)s::text[])
"""
PROCESSED: Final[LiteralString] = (
    """
WHERE line.lane = %(lane)s AND line.parties @> ARRAY[%(party)s::text] AND line.parties[1] <> %(party)s
    AND line.occurred_at <= %(until)s
    AND (
        line.occurred_at >= %(from)s
        OR EXISTS (
            SELECT FROM projection.holding_act AS held, unnest(held.categories) AS named (category)
            WHERE held.lane = %(lane)s AND held.position = line.position AND held.effect = 1
                AND (cardinality(%(categories)s::text[]) = 0 OR category = ANY(%(categories)s::text[]))
                AND NOT EXISTS (
                    SELECT FROM projection.holding_act AS gone
                    WHERE gone.party = held.party AND gone.lane = %(lane)s AND gone.effect < 0
                        AND gone.stream_id = held.stream_id
                        AND gone.occurred_at BETWEEN held.occurred_at AND %(from)s
                        AND gone.recorded_at <= %(as_known_at)s AND gone.kept_until >= %(today)s
                        AND (gone.removed_at IS NULL OR gone.removed_at > %(as_known_at)s)
                        AND (cardinality(gone.categories) = 0 OR category = ANY(gone.categories))
                )
        )
    )"""  # noqa: S608 - every part is a constant
    + STANDING_ACT
)
PROCESSED_OF_CATEGORIES: Final[LiteralString] = PROCESSED_LINES + ENVELOPE_CATEGORIES + PROCESSED + OF_CATEGORIES
PROCESSED_ACTS: Final[LiteralString] = DONE_ACT + PROCESSED_OF_CATEGORIES + "ORDER BY line.position"
FOR_WHOM: Final = (
    "SELECT DISTINCT line.parties[1], line.covenant, (line.occurred_at AT TIME ZONE 'Europe/Amsterdam')::date "
)
PROCESSED_FOR: Final[LiteralString] = FOR_WHOM + PROCESSED_LINES + PROCESSED
PROCESSED_FOR_CATEGORIES: Final[LiteralString] = FOR_WHOM + PROCESSED_OF_CATEGORIES

LINKED_HELD: Final = """
SELECT DISTINCT line.stream_id
FROM projection.dossier_line AS line
WHERE line.lane = %(lane)s AND line.kind = 8 AND line.recorded_at <= %(as_known_at)s
    AND line.kept_until >= %(today)s
    AND EXISTS (
        SELECT FROM projection.holding_act AS act
        WHERE act.party = %(party)s AND act.lane = %(lane)s AND act.stream_id = line.stream_id
            AND act.kept_until >= %(today)s
    )
ORDER BY line.stream_id
"""

READS: Final = """
SELECT reader, purpose, read_at, read_id
FROM projection.subject_read
WHERE lane = %(lane)s AND stream_id = ANY(%(streams)s) AND read_at <= %(known_at)s AND kept_until >= %(today)s
ORDER BY read_at, position
"""

"""Every statement of notifier."""

from __future__ import annotations

from typing import Final, LiteralString

# For what is made again from the feed when it is lost with its cursor; a later durable commit makes it durable too.
MAKE_LOSABLE: Final[LiteralString] = "SET LOCAL synchronous_commit TO off"

READ_CURSOR: Final[LiteralString] = "SELECT lane, position FROM notifier.cursor"
BEGIN_CURSOR: Final[LiteralString] = """
INSERT INTO notifier.cursor (lane, position) SELECT lane, 0 FROM unnest(%s::smallint[]) AS lane
ON CONFLICT (lane) DO NOTHING"""
# Only from where it was thought to be: somebody else may follow the lane by now.
MOVE_CURSOR: Final[LiteralString] = """
UPDATE notifier.cursor SET position = given.after
FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS given (lane, before, after)
WHERE cursor.lane = given.lane AND cursor.position = given.before"""
BEGIN_READ_BACK: Final[LiteralString] = """
INSERT INTO notifier.read_back (lane, position)
SELECT lane, position FROM unnest(%s::smallint[], %s::bigint[]) AS given (lane, position)
WHERE NOT EXISTS (SELECT FROM notifier.cursor)
ON CONFLICT (lane) DO NOTHING"""
HAS_READ_BACK: Final[LiteralString] = """
SELECT NOT EXISTS (
    SELECT FROM notifier.read_back LEFT JOIN notifier.cursor ON cursor.lane = read_back.lane
    WHERE coalesce(cursor.position, 0) < read_back.position
)"""

ADD_LOOKS: Final[LiteralString] = """
INSERT INTO notifier.look (lane, stream_id, at, position)
SELECT * FROM unnest(%s::smallint[], %s::uuid[], %s::timestamptz[], %s::bigint[])
ON CONFLICT (lane, stream_id, at) DO UPDATE SET position = greatest(look.position, excluded.position)"""
FIND_LOOKS: Final[LiteralString] = """
SELECT lane, stream_id, max(position), max(attempts)
FROM (SELECT * FROM notifier.look WHERE at <= %(now)s ORDER BY at LIMIT %(rows)s) AS waiting
GROUP BY lane, stream_id ORDER BY min(at), lane, stream_id LIMIT %(limit)s"""
STRIKE_LOOKS: Final[LiteralString] = "DELETE FROM notifier.look WHERE lane = %s AND stream_id = %s AND at <= %s"
LOOK_LATER: Final[LiteralString] = """
INSERT INTO notifier.look (lane, stream_id, at, position, attempts)
SELECT %(lane)s::smallint, %(stream_id)s::uuid, %(until)s::timestamptz, coalesce(max(position), 0),
    %(attempts)s::smallint
FROM notifier.look WHERE lane = %(lane)s AND stream_id = %(stream_id)s AND at <= %(now)s
ON CONFLICT (lane, stream_id, at) DO UPDATE SET attempts = excluded.attempts"""
STEPS_LATER: Final[LiteralString] = """
UPDATE notifier.duty SET next_at = %s WHERE lane = %s AND stream_id = %s AND next_at <= %s"""
FIND_STEPS: Final[LiteralString] = """
SELECT lane, stream_id
FROM (
    SELECT * FROM notifier.duty
    WHERE next_at <= %(now)s AND NOT EXISTS (
        SELECT FROM notifier.look
        WHERE look.lane = duty.lane AND look.stream_id = duty.stream_id AND look.at <= %(now)s
    )
    ORDER BY next_at LIMIT %(rows)s
) AS due
GROUP BY lane, stream_id ORDER BY min(next_at), lane, stream_id LIMIT %(limit)s"""

READ_DUTIES: Final[LiteralString] = "SELECT * FROM notifier.duty WHERE lane = %s AND stream_id = %s"
DROP_DUTIES: Final[LiteralString] = """
DELETE FROM notifier.duty WHERE lane = %s AND stream_id = %s AND obligation <> ALL (%s)"""
PUT_DUTY: Final[LiteralString] = """
INSERT INTO notifier.duty (
    lane, stream_id, obligation, kind, party, controller, state, due, exempt_until, covenant, annex, data_categories,
    missing_elements, first_seen_at, reopened_at, reopened_from, next_at
) VALUES (
    %(lane)s, %(stream_id)s, %(obligation)s, %(kind)s, %(party)s, %(controller)s, %(state)s, %(due)s, %(exempt_until)s,
    %(covenant)s, %(annex)s, %(data_categories)s, %(missing_elements)s, %(first_seen_at)s, %(reopened_at)s,
    %(reopened_from)s, %(next_at)s
) ON CONFLICT (lane, stream_id, obligation) DO UPDATE SET
    kind = excluded.kind, party = excluded.party, controller = excluded.controller, state = excluded.state,
    due = excluded.due, exempt_until = excluded.exempt_until, covenant = excluded.covenant, annex = excluded.annex,
    data_categories = excluded.data_categories, missing_elements = excluded.missing_elements,
    first_seen_at = excluded.first_seen_at, reopened_at = excluded.reopened_at,
    reopened_from = excluded.reopened_from, next_at = excluded.next_at"""

SAID_ABOUT: Final[LiteralString] = """
SELECT obligation, kind, max(decided_at) FROM notifier.outbox WHERE obligation = ANY (%s) AND NOT to_person
GROUP BY obligation, kind"""
ADD_MESSAGE: Final[LiteralString] = """
INSERT INTO notifier.outbox (
    id, lane, stream_id, obligation, kind, party, to_person, channel, route, template, facts, decided_at, state, next_at
) VALUES (
    %(id)s, %(lane)s, %(stream_id)s, %(obligation)s, %(kind)s, %(party)s, false, %(channel)s, %(route)s, %(template)s,
    %(facts)s, %(at)s, 'waiting', %(at)s
) ON CONFLICT (id) DO NOTHING"""
ADD_SEEN: Final[LiteralString] = """
INSERT INTO notifier.outbox (
    id, lane, stream_id, obligation, kind, party, to_person, channel, route, template, decided_at, state, next_at,
    sent_at, recorded_at
) VALUES (
    %(id)s, %(lane)s, %(stream_id)s, %(obligation)s, %(kind)s, %(party)s, %(to_person)s, %(channel)s, '', %(template)s,
    %(at)s, 'sent', %(at)s, %(at)s, %(at)s
) ON CONFLICT (id) DO NOTHING"""
ADD_LETTER: Final[LiteralString] = """
INSERT INTO notifier.outbox (
    id, lane, stream_id, obligation, kind, party, to_person, channel, route, template, sealed, decided_at, forget_at,
    state, next_at
) VALUES (
    %(id)s, %(lane)s, %(stream_id)s, %(obligation)s, %(kind)s, %(controller)s, true, %(channel)s, %(channel)s,
    %(template)s, %(sealed)s, %(at)s, %(forget_at)s, 'waiting', %(at)s
) ON CONFLICT (id) DO UPDATE SET
    sealed = excluded.sealed, template = excluded.template, decided_at = excluded.decided_at,
    forget_at = excluded.forget_at, state = 'waiting', next_at = excluded.next_at, attempts = 0, settled = '{}',
    reason = NULL
WHERE outbox.state IN ('failed', 'held') AND outbox.forget_at IS NULL"""

READ_STATE: Final[LiteralString] = "SELECT state FROM notifier.outbox WHERE id = %s"
FIND_TO_SEND: Final[LiteralString] = """
SELECT id, lane, stream_id, obligation, outbox.kind, party, to_person, channel, route, template, facts, sealed,
    decided_at AS at, attempts, settled, duty.kind AS duty_kind, duty.state AS duty_state
FROM notifier.outbox LEFT JOIN LATERAL (
    SELECT duty.kind, duty.state FROM notifier.duty WHERE duty.obligation = outbox.obligation LIMIT 1
) AS duty ON true
WHERE outbox.state = 'waiting' AND next_at <= %(now)s AND (forget_at IS NULL OR forget_at > %(now)s)
ORDER BY next_at, id LIMIT %(limit)s"""
FIND_TO_RECORD: Final[LiteralString] = """
SELECT id, lane, stream_id, obligation, kind, party, to_person, channel, route, template, facts, sealed,
    decided_at AS at, attempts, settled
FROM notifier.outbox WHERE state = 'sent' AND recorded_at IS NULL AND next_at <= %(now)s
ORDER BY next_at, id LIMIT %(limit)s"""

MARK_SENT: Final[LiteralString] = """
UPDATE notifier.outbox SET state = 'sent', attempts = attempts + 1, sent_at = %(at)s, next_at = %(at)s, reason = NULL,
    forget_at = least(forget_at, %(forget_at)s) WHERE id = %(id)s"""
MARK_POSTPONED: Final[LiteralString] = """
UPDATE notifier.outbox SET attempts = attempts + 1, next_at = %s, reason = %s, settled = %s WHERE id = %s"""
MARK_ENDED: Final[LiteralString] = """
UPDATE notifier.outbox SET state = %s, reason = %s, sealed = NULL, facts = NULL,
    forget_at = CASE WHEN to_person THEN %s::timestamptz END WHERE id = %s"""
REROUTE: Final[LiteralString] = """
UPDATE notifier.outbox SET channel = %s, route = %s, settled = '{}' WHERE id = %s"""
MARK_RECORDED: Final[LiteralString] = """
UPDATE notifier.outbox SET recorded_at = %s, sealed = NULL, facts = NULL WHERE id = %s"""
RECORD_LATER: Final[LiteralString] = """
UPDATE notifier.outbox SET attempts = least(attempts + 1, 1000), next_at = %s WHERE id = %s"""

ERASE_LETTERS: Final[LiteralString] = """
UPDATE notifier.outbox SET forget_at = 'epoch'
WHERE to_person AND lane = %(lane)s AND stream_id = %(stream_id)s AND kind <> 'erased-to-person'
    AND decided_at <= %(until)s
    AND (%(controller)s::text IS NULL OR party = %(controller)s) AND (sealed IS NOT NULL OR forget_at IS NOT NULL)"""
FIND_TO_FORGET: Final[LiteralString] = """
SELECT id FROM notifier.outbox WHERE forget_at <= %s ORDER BY forget_at, id LIMIT %s"""
MARK_FORGOTTEN: Final[LiteralString] = """
UPDATE notifier.outbox SET forget_at = NULL, sealed = NULL, recorded_at = coalesce(recorded_at, sent_at),
    state = CASE state WHEN 'waiting' THEN 'forgotten' ELSE state END WHERE id = %s"""
PRUNE: Final[LiteralString] = """
DELETE FROM notifier.outbox WHERE id IN (
    SELECT id FROM notifier.outbox
    WHERE decided_at < %s AND (state IN ('failed', 'held', 'forgotten', 'overtaken') OR recorded_at IS NOT NULL)
        AND forget_at IS NULL AND NOT EXISTS (SELECT FROM notifier.duty WHERE duty.obligation = outbox.obligation)
    LIMIT %s
)"""
FIND_SEALED: Final[LiteralString] = "SELECT id FROM notifier.outbox WHERE sealed IS NOT NULL"

# The condition is that of the index: only the duties that are overdue are looked at.
COUNT_OVERDUE: Final[LiteralString] = """
SELECT kind, count(*) FROM notifier.duty
WHERE due < %s AND ((kind = 'inform' AND state IN ('open', 'residual')) OR (kind = 'erase' AND state = 'owed'))
GROUP BY kind"""
MEASURE_OUTBOX: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'sent'),
    min(decided_at) FILTER (WHERE state = 'waiting')
FROM notifier.outbox WHERE state = 'waiting' OR (state = 'sent' AND recorded_at IS NULL)"""

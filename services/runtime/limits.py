"""Every bound of the ledger in one place; a loop, queue, body, cache or retry without a line here is a fault.

Units stand last in the name. Bounds are counts unless the name says otherwise.
"""

from __future__ import annotations

from typing import Final

# --- requests -----------------------------------------------------------------------------------------------------
JSON_BODY_BYTES_MAX: Final = 1 * 1024 * 1024
NDJSON_BODY_BYTES_MAX: Final = 8 * 1024 * 1024
NDJSON_LINE_BYTES_MAX: Final = 1 * 1024 * 1024
NDJSON_LINES_MAX: Final = 10_000
# Deep enough for every body of the contract; far below the recursion limit of any decoder.
JSON_DEPTH_MAX: Final = 64
# All faults are told at once, but a body of nothing but faults must not become an answer of megabytes.
FIELD_ERRORS_MAX: Final = 200
HEADER_BYTES_MAX: Final = 16 * 1024
URL_BYTES_MAX: Final = 4 * 1024
IDEMPOTENCY_KEY_LENGTH_MAX: Final = 128
REQUESTS_CONCURRENT_MAX: Final = 512
REQUEST_SECONDS_MAX: Final = 30.0
MIN_POSITION_WAIT_SECONDS_MAX: Final = 2.0
MIN_POSITION_POLL_SECONDS: Final = 0.01
MIN_POSITIONS_MAX: Final = 1_024
RETRY_AFTER_SECONDS: Final = 1

# A dry run costs a judgement and leaves no trace; nobody needs more of them per second than this.
ASSESSMENTS_PER_SECOND_MAX: Final = 100
ASSESSMENTS_BURST_MAX: Final = 1_000
ASSESSING_PARTIES_MAX: Final = 10_000
# A batch of lines is decoded in stretches, so that other requests get their turn.
NDJSON_STRETCH_LINES: Final = 500

# --- the act ------------------------------------------------------------------------------------------------------
SUBJECTS_MAX: Final = 200
RECIPIENTS_MAX: Final = 200
BREACH_OPERATIONS_MAX: Final = 10_000
DATA_CATEGORIES_MAX: Final = 200
TEXT_LENGTH_MAX: Final = 4_000
IDENTIFIER_LENGTH_MAX: Final = 200
URI_LENGTH_MAX: Final = 2_000
# Clocks of partner systems differ a little; a fact from further ahead has not happened yet.
CLOCK_AHEAD_SECONDS_MAX: Final = 300
INTENT_AHEAD_DAYS_MAX: Final = 31
OCCURRED_YEAR_MIN: Final = 1900
# Terms of 150 years and the zones at both ends stay inside the calendar of the machine.
YEAR_MAX: Final = 2999
RETENTION_YEARS_MAX: Final = 150

# --- governance ---------------------------------------------------------------------------------------------------
COVENANT_PARTNERS_MAX: Final = 500
COVENANT_ANNEXES_MAX: Final = 100
REGISTER_VERSIONS_MAX: Final = 10_000
REGISTER_READ_EVENTS_MAX: Final = 1_000

# --- append -------------------------------------------------------------------------------------------------------
LANES_MAX: Final = 1_024
BATCH_EVENTS_MAX: Final = 1_000
QUEUE_EVENTS_MAX: Final = 20_000
APPEND_ATTEMPTS_MAX: Final = 5
APPEND_RETRY_SECONDS: Final = 0.05
APPEND_LOCK_SECONDS_MAX: Final = 10
STATEMENT_SECONDS_MAX: Final = 30
# A server that neither answers nor hangs up: longer than its own bound on a statement.
APPEND_SECONDS_MAX: Final = 45
# The library path: aggregates of governance, few and small.
RECORDER_ATTEMPTS_MAX: Final = 5
RECORDER_CONNECTIONS_MIN: Final = 1
RECORDER_CONNECTIONS_MAX: Final = 5
# One batch commits while the next ones are prepared; more in flight would only wait in the appender's queue.
BATCHES_IN_FLIGHT_MAX: Final = 4
# Fewer submissions than this are not worth a batch of their own while another one commits.
BATCH_COMPANY_OPERATIONS: Final = 64
PREPARE_ATTEMPTS_MAX: Final = 5
# A fence sends back whoever remembered secrets of its lane; many erasures in a row do so as often.
PREPARE_FENCED_MAX: Final = 100
# A batch is prepared in the event loop; after so many the loop sees to commits and to other callers.
PREPARE_STRETCH_OPERATIONS: Final = 100
INTAKE_OPERATIONS_MAX: Final = 20_000

# --- reads and projections ----------------------------------------------------------------------------------------
PAGE_ITEMS_DEFAULT: Final = 100
PAGE_ITEMS_MAX: Final = 1_000
CURSOR_LENGTH_MAX: Final = 2_000
REPORT_LINES_MAX: Final = 100_000
READ_PERSONS_PER_EVENT_MAX: Final = 1_000
# A reader who may see little of what is searched gets a short page and a cursor after so many rounds.
PAGE_ROUNDS_MAX: Final = 20
# Whose arrangement a breach without named operations falls under shows in the first persons hit.
BREACH_PERSONS_LOOKED_AT_MAX: Final = 1_000
# Who reports a breach is found once: so many are kept, and only from so long afterwards, when nothing that was recorded
# before it can still be under way.
BREACH_REPORTERS_CACHED_MAX: Final = 10_000
RECORDED_FOR_GOOD_SECONDS: Final = 600
# The clocks that run are found among the newest requests, breaches and exemptions.
CLOCKED_LINES_MAX: Final = 10_000
CLOCK_AT_RISK_DAYS: Final = 7
CLOCK_PAST_DAYS: Final = 14
CASE_LINES_MAX: Final = 100_000
PROJECTION_BATCH_EVENTS_MAX: Final = 5_000
PROJECTION_POLL_SECONDS: Final = 0.05
# Between two batches, so that events gather: many small transactions would take the processor from the writers.
PROJECTION_PAUSE_SECONDS: Final = 0.02
# While many appends come in, rest four times as long as the work took: not while no more than this is pending, when a
# moment suffices, nor when further behind than the bound on the lag.
PROJECTION_REST_RATIO: Final = 4.0
PROJECTION_CALM_EVENTS_MAX: Final = 500
PROJECTION_PAUSE_SECONDS_MAX: Final = 1.0
PROJECTION_LAG_EVENTS_MAX: Final = 100_000
PROJECTION_RETRY_SECONDS: Final = 0.5
# What the database refuses so often in a row, though it is there, is no passing trouble.
PROJECTION_REFUSALS_MAX: Final = 5
REBUILD_BATCH_EVENTS_MAX: Final = 20_000
REBUILD_WORKERS_MAX: Final = 2
REBUILD_ROUNDS_MAX: Final = 100
CHECKPOINT_SECONDS: Final = 1.0
CHECKPOINT_NOTE_LENGTH_MAX: Final = 4_096
TREE_BATCH_LEAVES_MAX: Final = 10_000
SEALING_RETRY_SECONDS: Final = 1.0
SEALING_PAUSE_SECONDS: Final = 0.02
# Another process may have appended without waking us.
SEALING_POLL_SECONDS: Final = 5.0
VERIFY_BATCH_EVENTS_MAX: Final = 2_000
# Each may name ten thousand positions, one by one.
VERIFY_BATCH_SWEEPS_MAX: Final = 20
VERIFY_FINDINGS_MAX: Final = 1_000
# Positions missing in a row that are filled in to keep comparing what lies behind them.
VERIFY_GAP_POSITIONS_MAX: Final = 1_000_000

# --- the feed over Kafka ------------------------------------------------------------------------------------------
# So much is held of one lane, in order and waiting for whoever takes it; the log keeps the rest.
FEED_READY_EVENTS_MAX: Final = 2_000
FEED_PULL_RECORDS_MAX: Final = 1_000
# So many records before the offset that a group settled are read again, to see how far the log is.
FEED_LOOK_BACK_RECORDS: Final = 50
# How long a consumer waits for news before it looks at its own affairs, and how often it settles where it is.
FEED_POLL_SECONDS: Final = 0.5
FEED_SETTLE_SECONDS: Final = 1.0
# A fetch may be lost without a word, on a network that is whole again: after so long the end of the log is asked for.
FEED_SILENCE_SECONDS: Final = 10.0
# A record may come so many records late, or this long after the end of the log was reached, before it is missed.
FEED_SHUFFLED_RECORDS_MAX: Final = 1_000
FEED_GAP_SECONDS: Final = 2.0
# Positions of unreadable records that are remembered, should a readable one follow.
FEED_UNREADABLE_POSITIONS_MAX: Final = 1_000
FEED_FILL_EVENTS_MAX: Final = 1_000
# The register is looked at for a moment; after a longer one without what must be there the ledger is asked.
FEED_REGISTER_POLL_SECONDS: Final = 0.1
FEED_REGISTER_SECONDS: Final = 1.0
# A member of the group that is silent so long, or works so long on one piece, loses its lanes to the others.
FEED_HEARTBEAT_SECONDS: Final = 1
FEED_SESSION_SECONDS_MAX: Final = 10
FEED_POLL_INTERVAL_SECONDS_MAX: Final = 120
FEED_FETCH_BYTES_MAX: Final = 16 * 1024 * 1024
# What is set aside is a record itself, with its origin in headers.
DEAD_LETTER_BYTES_MAX: Final = 4 * 1024 * 1024 + 128 * 1024
DEAD_LETTERS_LISTED_MAX: Final = 100_000
# Beyond these poison is no accident any more: one in twenty of a stretch, or so many in a row.
POISON_STRETCH_RECORDS: Final = 1_000
POISON_RATIO_MAX: Final = 0.05
POISON_IN_ROW_MAX: Final = 20

# --- keys and caches ----------------------------------------------------------------------------------------------
DAY_SECRETS_CACHED_MAX: Final = 4_096
DOSSIER_SECRETS_CACHED_MAX: Final = 200_000
STREAMS_CACHED_MAX: Final = 200_000
SECRET_CACHE_SECONDS_MAX: Final = 300
VAULT_KEYS_MAX: Final = 100_000
VAULT_FILE_BYTES_MAX: Final = 32 * 1024 * 1024
REFS_CACHED_MAX: Final = 100_000
BLIND_INDEXES_CACHED_MAX: Final = 50_000
REGISTER_REFERENCES_CACHED_MAX: Final = 4_096
# Who must tell because of an act depends on its shape only; a ledger sees some thousands of them a day.
DUTY_SHAPES_CACHED_MAX: Final = 16_384
LINKED_STREAMS_MAX: Final = 100
# How many of a person's newest events are opened to find where he lives.
FACT_CONTENTS_MAX: Final = 50
FACT_CONTENTS_AT_ONCE_MAX: Final = 500
# The histories of the persons of a batch are read so many events at a time, some megabytes; one person's at once.
FACT_EVENTS_MAX: Final = 5_000
TOKEN_SECONDS_MAX: Final = 24 * 3600
TOKEN_LENGTH_MAX: Final = 8 * 1024
TOKEN_LEEWAY_SECONDS: Final = 30
TOKEN_KEY_ID_LENGTH_MAX: Final = 128
DEVELOPMENT_TOKEN_SECONDS: Final = 12 * 3600
TOKENS_CACHED_MAX: Final = 4_096

# --- PostgreSQL ---------------------------------------------------------------------------------------------------
POSTGRES_CONNECTIONS_MAX: Final = 60
POSTGRES_POOL_SYNC_MIN: Final = 1
POSTGRES_POOL_LOOKUPS_MAX: Final = 4
POSTGRES_POOL_SYNC_MAX: Final = 10
POSTGRES_POOL_ASYNC_MAX: Final = 10
POSTGRES_POOL_WAIT_SECONDS_MAX: Final = 10.0
POSTGRES_CONNECT_SECONDS_MAX: Final = 10
POSTGRES_RECONNECT_SECONDS_MAX: Final = 3.0
# One answer of the server, to whoever cannot go on without it.
POSTGRES_ANSWER_SECONDS_MAX: Final = 45.0
# A host that is gone says nothing any more: it is asked so often, at such distances, and then believed to be gone.
POSTGRES_KEEPALIVE_SECONDS: Final = 5
POSTGRES_KEEPALIVES_MAX: Final = 3
POSTGRES_START_SECONDS_MAX: Final = 120.0
POSTGRES_STOP_SECONDS_MAX: Final = 60.0
POSTGRES_POLL_SECONDS: Final = 0.05
# A server whose parent was killed ends by itself within moments; longer means that it is somebody else's.
POSTGRES_PREDECESSOR_SECONDS_MAX: Final = 20.0
# What an embedded server keeps at hand of its tables: a sixteenth of the memory, on a large machine no more than this.
POSTGRES_MEMORY_SHARE: Final = 16
POSTGRES_BUFFERS_BYTES_MIN: Final = 256 * 2**20
POSTGRES_BUFFERS_BYTES_MAX: Final = 2 * 2**30
# A server that ended by itself is started again at once, one that keeps ending ever more rarely.
POSTGRES_RESTART_SECONDS_MIN: Final = 0.1
POSTGRES_RESTART_SECONDS_MAX: Final = 3.0
POSTGRES_STEADY_SECONDS: Final = 30.0
# The kernel keeps a socket's path in 108 bytes, the last one a zero.
SOCKET_PATH_BYTES_MAX: Final = 107

# --- process ------------------------------------------------------------------------------------------------------
SHUTDOWN_SECONDS_MAX: Final = 20.0
# Keys, passwords, certificates and the settings of channels: none is larger.
SECRET_BYTES_MAX: Final = 1 * 1024 * 1024
# What a process needs and is not there yet is asked for again, ever more rarely.
DEPENDENCY_RETRY_SECONDS_MIN: Final = 0.2
DEPENDENCY_RETRY_SECONDS_MAX: Final = 2.0
REPLICAS_MAX: Final = 1_000
# So long a ledger that starts looks at its topics; when the broker is away, recording must not wait for it.
TOPICS_CHECK_SECONDS_MAX: Final = 5.0
# How long four processes may take to find each other, and how often whoever waits for them looks.
PROCESSES_START_SECONDS_MAX: Final = 120.0
PROCESS_POLL_SECONDS: Final = 0.05
PROCESS_ANSWER_SECONDS_MAX: Final = 5.0
PROCESS_WATCH_SECONDS: Final = 1.0
# How long a command of the developer waits for the ledger that it asks.
COMMAND_ANSWER_SECONDS_MAX: Final = 30.0
# A batch makes thousands of objects that die with it; looking for cycles every 700 of them costs a tenth of an act.
COLLECTOR_ALLOCATIONS: Final = 20_000
COLLECTOR_GENERATIONS: Final = (20, 20)

# --- worker processes ---------------------------------------------------------------------------------------------
NUDGES_READ_BYTES_MAX: Final = 4_096
WORKERS_DEFAULT_MAX: Final = 2
WORKERS_MAX: Final = 8
WORKER_MESSAGE_BYTES_MAX: Final = 16 * 1024
WORKER_START_SECONDS_MAX: Final = 60.0
# One that dies while it starts is started ever more rarely; one that lived longer than a start takes, at once again.
PROCESS_RESTART_SECONDS_MIN: Final = 0.1
PROCESS_RESTART_SECONDS_MAX: Final = 10.0
PROCESS_STEADY_SECONDS: Final = 5.0
# How long a connection waits for a worker that can take it before another look.
WORKER_BUSY_SECONDS: Final = 0.05
LISTEN_BACKLOG: Final = 2_048
METRICS_SHARED_SECONDS: Final = 1.0

# --- calls between our own processes ------------------------------------------------------------------------------
REMOTE_PORTS_MAX: Final = 64
REMOTE_SHAPES_CACHED_MAX: Final = 4_096
REMOTE_FAMILIES_CACHED_MAX: Final = 512
# The largest body of the gateway, with every field of its acts written out and their canonical bytes in base64.
REMOTE_BODY_BYTES_MAX: Final = 64 * 1024 * 1024
# What is written in one piece; beyond this the library warns of it.
REMOTE_PIECE_BYTES_MAX: Final = 1024 * 1024
# The longest report is a hundred thousand lines.
REMOTE_ANSWER_BYTES_MAX: Final = 256 * 1024 * 1024
REMOTE_EVENTS_MAX: Final = 1_000
# Of one header of an answer, and how many it may have.
REMOTE_HEAD_BYTES_MAX: Final = 16 * 1024
REMOTE_HEADERS_MAX: Final = 32
# Calls beyond this wait for a connection, and no longer than this.
REMOTE_CONNECTIONS_MAX: Final = 256
REMOTE_WAIT_SECONDS_MAX: Final = 5.0
REMOTE_CONNECT_SECONDS_MAX: Final = 2.0
# Longer than an append may take; what takes minutes by its nature gets as long as a scenario clock that is moved.
REMOTE_CALL_SECONDS_MAX: Final = 120.0
REMOTE_PATIENT_SECONDS_MAX: Final = 900.0
# Below what the server allows a connection to be idle, so that it is we who close it.
REMOTE_IDLE_SECONDS_MAX: Final = 10.0
# A connection is renewed after so long: behind one address stand several processes, and new ones must get their share.
REMOTE_CONNECTION_SECONDS_MAX: Final = 60.0
REMOTE_ATTEMPTS_MAX: Final = 3
REMOTE_RETRY_SECONDS: Final = 0.05
SERVICE_TOKEN_SECONDS_MAX: Final = 60
# A token is used until so long before its end: a call under way must still find it valid.
SERVICE_TOKEN_SPARE_SECONDS: Final = 20
SERVICE_TOKENS_CACHED_MAX: Final = 1_024
SERVICE_KEY_BYTES_MAX: Final = 16 * 1024

# --- telemetry ----------------------------------------------------------------------------------------------------
# A header of version 00 has 55 characters; a later version may say more behind them.
TRACEPARENT_LENGTH_MAX: Final = 256
# A batch of a thousand acts may come from as many requests: a span links to the first of them.
TRACE_LINKS_MAX: Final = 32
# Per lane so many batches, and in all so many persons and messages, are remembered with whom they were for.
TRACE_BATCHES_KEPT_MAX: Final = 64
TRACE_ORIGINS_KEPT_MAX: Final = 2_048
# What cannot be exported in time is dropped: neither memory nor a request pays for a collector that is slow.
SPANS_QUEUED_MAX: Final = 4_096
SPANS_PER_EXPORT_MAX: Final = 512
SPANS_EXPORT_SECONDS: Final = 2.0
METRICS_EXPORT_SECONDS: Final = 15.0
EXPORT_SECONDS_MAX: Final = 5.0
EXPORT_BYTES_MAX: Final = 4 * 1024 * 1024
# More label combinations than this mean that a label carries something unbounded, such as an id.
SERIES_MAX: Final = 20_000
# Gauges that ask the database: by the one that leads, so often and no more.
GAUGES_SECONDS: Final = 5.0
# The clocks of the law are days; who looks at thousands of lines for them need not do so every moment.
CLOCK_GAUGES_SECONDS: Final = 60.0
CLOCK_DUE_SOON_HOURS: Final = 24

# --- forgetting ---------------------------------------------------------------------------------------------------
# One event names so many positions at most; the projections let go of them in one transaction.
SWEEP_EVENTS_MAX: Final = 10_000
# One call sweeps so many such batches: some seconds of work, in which nothing else of a round has its turn.
SWEEP_BATCHES_MAX: Final = 30
# So many are chosen at once, while an earlier one is taken away: about as long as that takes.
SWEEP_CHOSEN_MAX: Final = 3
# So many announcements of sweeps that are not yet done are looked at together.
SWEEP_ANNOUNCEMENTS_MAX: Final = 100
# No dump of the database is kept longer; an erasure receipt says so.
BACKUP_DAYS_MAX: Final = 30
# Lines that outlive a day or a hold are wrapped anew page by page, dossier secrets under the key of a new week as well;
# the latter under the counter row of their lane, so a page is no longer than a batch of appends.
KEEP_LINES_MAX: Final = 500
REWRAP_SECRETS_MAX: Final = 500
ERASURE_REGISTER_LINE_BYTES_MAX: Final = 1 * 1024 * 1024
HOLDS_PAGE_MAX: Final = 1_000
ERASURES_OPEN_MAX: Final = 1_000
# Above so many persons nobody decides alone.
ERASURE_SUBJECTS_ALONE_MAX: Final = 10
ERASURE_DOSSIERS_PER_ENTRY_MAX: Final = 1_000
ERASURE_POSITIONS_PER_ENTRY_MAX: Final = 5_000
# Who waits for retention gets rounds until one of them finds nothing to do.
RETENTION_ROUNDS_MAX: Final = 1_000
# Retention looks about once a second; while its rounds fail, ever less often.
RETENTION_POLL_SECONDS: Final = 1.0
RETENTION_RETRY_SECONDS_MAX: Final = 60.0
# Until the projections have seen what retention announced; it waits, and nobody for it.
RETENTION_WAIT_SECONDS_MAX: Final = 30.0
RETENTION_DOUBLINGS_MAX: Final = 10
# So many batches are swept before the other steps of a round get their turn again.
RETENTION_SWEEPS_PER_ROUND_MAX: Final = 100

# --- notifier: what must be said, and when ------------------------------------------------------------------------
# Three days are enough to write a letter, and few enough that the reminder is not forgotten again.
INFORM_DUE_SOON_DAYS: Final = 3
# A duty that falls due with its act (collection, first disclosure) is often met within the hour: for a day after its
# moment nobody is called late.
INFORM_OVERDUE_GRACE_HOURS: Final = 24
# Half a month is "without delay" at its longest; after a whole one silence is the controller's concern (AVG 19).
ERASE_REMINDER_DAYS: Final = 14
ERASE_ESCALATION_DAYS: Final = 28

# --- notifier: how it works ---------------------------------------------------------------------------------------
NOTIFIER_BATCH_EVENTS_MAX: Final = 1_000
NOTIFIER_PERSONS_PER_PIECE_MAX: Final = 20
# While events keep coming in full pieces the rest waits, but no longer than so many pieces.
NOTIFIER_FOLLOW_PIECES_MAX: Final = 20
NOTIFIER_POLL_SECONDS: Final = 1.0
# The projections are a moment behind: look again soon, and let them take their time.
NOTIFIER_BEHIND_SECONDS: Final = 0.05
NOTIFIER_RETRY_SECONDS: Final = 1.0
# While acts come in, rest nine times as long as the work took: a reminder may wait, a writer may not.
NOTIFIER_REST_RATIO: Final = 9.0
NOTIFIER_REST_SECONDS_MIN: Final = 0.25
NOTIFIER_REST_SECONDS_MAX: Final = 2.0
NOTIFIER_COMMAND_SECONDS_MAX: Final = 60.0
NOTIFIER_CATCH_UP_SECONDS_MAX: Final = 600.0
# A person whose duties cannot be read is looked at again ever more rarely; others go on.
NOTIFIER_PERSON_RETRY_SECONDS_MIN: Final = 10
NOTIFIER_PERSON_RETRY_SECONDS_MAX: Final = 3_600
NOTIFIER_SETTINGS_BYTES_MAX: Final = 1 * 1024 * 1024

# --- Kafka --------------------------------------------------------------------------------------------------------
# A body of a megabyte gives an envelope and a content of at most that, the latter in base64.
RECORD_VALUE_BYTES_MAX: Final = 4 * 1024 * 1024
EVENT_TYPES_CACHED_MAX: Final = 1_024
POSITION_MAX: Final = 2**63 - 1
# A record with its key and headers, and a dead letter with where it comes from besides.
TOPIC_MESSAGE_BYTES_MAX: Final = RECORD_VALUE_BYTES_MAX + 256 * 1024
# A record is on a topic no longer than this; it goes with its whole segment, which is at most a day long.
TOPIC_RETENTION_DAYS_MAX: Final = 30
TOPIC_RETENTION_DAYS_DEFAULT: Final = 7
TOPIC_SEGMENT_DAYS: Final = 1
# A broker that crashed first reads what it had not yet forced to disk: the youngest segment of each lane.
TOPIC_SEGMENT_BYTES: Final = 64 * 1024 * 1024
KAFKA_CONNECT_SECONDS_MAX: Final = 10
KAFKA_REQUEST_SECONDS_MAX: Final = 10
KAFKA_RECONNECT_SECONDS_MAX: Final = 1
KAFKA_METADATA_SECONDS_MAX: Final = 60
KAFKA_CLOSE_SECONDS_MAX: Final = 5.0
KAFKA_REQUESTS_IN_FLIGHT_MAX: Final = 1
# One chunk is one batch of Kafka's: stored whole or not at all. It is sent when it is complete; that it may linger only
# keeps Kafka's client from sending a part of it first. Headers, keys and positions come on top of these bytes; with
# them it is smaller than what a topic takes in one piece.
PUBLISH_CHUNK_BYTES_MAX: Final = 2 * 1024 * 1024
PUBLISH_CHUNK_EVENTS_MAX: Final = 1_000
PUBLISH_LINGER_SECONDS: Final = 30
PUBLISH_DELIVERY_SECONDS_MAX: Final = 45
PUBLISH_POLL_SECONDS: Final = 0.05
# After a chunk smaller than this rest a moment, so that events gather: every chunk costs a round trip and a cursor.
PUBLISH_CALM_EVENTS_MAX: Final = 300
PUBLISH_PAUSE_SECONDS: Final = 0.02
# Another process leads: look now and then whether it still does.
PUBLISH_STANDBY_SECONDS: Final = 1.0
# While Kafka is away, ever less often.
PUBLISH_RETRY_SECONDS_MIN: Final = 0.2
PUBLISH_RETRY_SECONDS_MAX: Final = 2.0
PUBLISH_DOUBLINGS_MAX: Final = 10
# A chunk that is under way when the process must end gets this long to be acknowledged.
PUBLISH_STOP_SECONDS_MAX: Final = 5.0
TOPIC_CHECKS_MAX: Final = 5
TOPIC_CHECK_SECONDS: Final = 0.5

# --- messages -----------------------------------------------------------------------------------------------------
# One minute, two, four … six hours: twenty attempts outlast a weekend without anybody at work.
MESSAGE_ATTEMPTS_MAX: Final = 20
MESSAGE_BACKOFF_SECONDS_MIN: Final = 60
MESSAGE_BACKOFF_SECONDS_MAX: Final = 6 * 3600
MESSAGES_PER_PIECE_MAX: Final = 40
MESSAGES_AT_ONCE_MAX: Final = 4
# Sent messages are remembered so that nothing is said twice; a duty older than this is not reminded of any more.
MESSAGES_KEPT_DAYS: Final = 800
ROUTES_PER_PARTY_MAX: Final = 10
ADDRESSES_PER_ROUTE_MAX: Final = 20
# A letter to a person that nobody has printed by then is printed from the ledger, not from the folder.
LETTER_FILE_DAYS_MAX: Final = 30
LETTER_ADDRESS_LINES_MAX: Final = 7
LETTER_LINE_LENGTH_MAX: Final = 100
LETTER_ITEMS_MAX: Final = 200
# Each order holds a thread and a connection for as long as it is written.
LETTER_ORDERS_AT_ONCE_MAX: Final = 4
SMTP_SECONDS_MAX: Final = 20.0
WEBHOOK_SECONDS_MAX: Final = 10.0
WEBHOOK_SECRET_LENGTH_MIN: Final = 32

# --- pages --------------------------------------------------------------------------------------------------------
PAGE_FORM_BYTES_MAX: Final = 64 * 1024
PAGE_FORM_FIELDS_MAX: Final = 600
# A cookie of more than 4096 bytes, its name and attributes included, is dropped by browsers without a word.
PAGE_SESSION_BYTES_MAX: Final = 3_800
PAGE_STAFF_CODE_LENGTH_MAX: Final = 64
# What a list of choices reads of the register at most; a longer one is told to be cut off.
PAGE_REGISTER_READS_MAX: Final = 5

# --- covenants: served --------------------------------------------------------------------------------------------
# What was found by one question about conflicts, kept for its further pages: register positions and days.
CONFLICTS_CACHED_MAX: Final = 8
# Every pair at one table is compared: a thousand of one approach in one town take a quarter of a minute.
COVENANTS_COMPARED_MAX: Final = 1_500
EXPORT_ROWS_MAX: Final = 10_000
VERSION_MAX: Final = 2**31 - 1
# Registers as they were known at some judgement, kept while one report runs through acts in order of recording.
REREAD_REGISTERS_MAX: Final = 8
COVENANT_FILE_BYTES_MAX: Final = 32 * 1024 * 1024

# --- overlap without names ------------------------------------------------------------------------------------------
OVERLAP_PERSONS_MAX: Final = 2_000
OVERLAP_HOURS_MAX: Final = 24
# Whoever asks again and again with one person more each time learns about that person.
OVERLAPS_PER_DAY_MAX: Final = 10
OVERLAPS_SETTLED_PER_ROUND_MAX: Final = 100

# --- two-sided booking ----------------------------------------------------------------------------------------------
# A share that its recipient has not booked by then asks for an explanation.
RECONCILE_AFTER_DAYS: Final = 14

# --- categories that serve nothing ------------------------------------------------------------------------------------
UNUSED_LINES_MAX: Final = 100_000
UNUSED_LINES_READ_AT_ONCE: Final = 1_000

# --- report of a process ----------------------------------------------------------------------------------------------
# Pages of a replay that are told as one report.
PROCESS_REPORT_PAGES_MAX: Final = 20

# --- the loader of a case ---------------------------------------------------------------------------------------------
CASE_ANSWER_SECONDS_MAX: Final = 30.0
# What is not to be had at this moment is asked for so often, after the pause that the answer names.
CASE_ATTEMPTS_MAX: Final = 10
CASE_PAUSE_SECONDS_MAX: Final = 5
# An inquiry ends after five years like any record; each later run of a case opens the next.
CASE_INQUIRIES_MAX: Final = 20

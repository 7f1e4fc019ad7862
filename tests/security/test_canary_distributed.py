"""Persons and texts that stand out go through four processes and a real Kafka; nothing in between shows them.

Searched are the raw bytes: the broker's folder whole, logs, exports, metrics, folders, tables and PostgreSQL's own log;
for the texts as they are and in every form that anybody turns back without a key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from services.cli.distributed.layout import SERVICES
from services.ledger.client.feed.dead_letters import Letter
from services.ledger.contract.cloud_events import Reason
from services.runtime.kafka import KafkaSettings
from tests.integration.gateway.test_calls import NOTICE
from tests.security.test_canary import (
    CANARIES,
    CANARY_BSN,
    KEY,
    TEXTS,
    Caller,
    act,
    data_directory,
    every_call,
    everything_stored,
)
from tests.support.clear_text import ClearText, files_below
from tests.support.distributed import Shape, distributed
from tests.support.kafka_broker import Broker
from tests.support.otlp_receiver import OtlpReceiver
from tests.support.poison import BAD_VALUES
from tests.support.published import Publishing, settings_of_test
from tests.support.topic_reading import read_partition
from tests.support.waiting import wait_until

LANES = 2
OPERATIONS = "/v1/processing-operations"
COLLEGE, POLICE = "college-middelstad", "politie"
WRITTEN_TO, ERASED = "999990147", "999990159"
NAME, STREET, SAID = "Zoë Kanariegeel", "Geheimstraat 13b", "een kanarie in de kolenmijn"
LETTER = {"channel": "letter", "address": [NAME, STREET, "1234 AB Middelstad"], "salutation": NAME}
SECRET = (*CANARIES, WRITTEN_TO, ERASED, NAME, STREET, SAID)
# What a stranger wrote to our topic himself stands there, and with the dead letters; it must go no further.
STRANGE = "canary-strange-5B9"


class Answering:
    """A ledger of four processes as the caller of the other search takes it."""

    def __init__(self, shape: Shape) -> None:
        """Speak to its gateway."""
        self.base_url = shape.base_url
        self._shape = shape

    def token(self, party: str, scope: str, subject: str | None = None) -> str:
        """A token; a citizen is named as ``BSN:…``."""
        kind, _, number = (subject or "").partition(":")
        return self._shape.token(party, scope, (kind, number) if subject else None)


def plain_act(number: int, bsn: str) -> dict[str, Any]:
    """An act of the college by itself, about which the person must be told."""
    body = act(number, controller=COLLEGE, subjects=[{"idType": "BSN", "id": bsn}])
    return {name: body[name] for name in body if name not in {"covenant", "phase", "list"}}


def refuse_an_intent(caller: Caller) -> None:
    """Ask for what no law allows; the answer says no."""
    wish = act(
        20,
        tense="intent",
        operation="disclose-by-transmission",
        controller=POLICE,
        recipients=[{"party": "jongerenwerk-middelstad", "caseId": TEXTS[3]}],
        dataCategories=["name", "police-report"],
        dataRegime="Wpg-20",
        decisionId="koepelbesluit-2025-3",
        legalBasis={"statute": "Wpg 20"},
    )
    refused = caller.post(OPERATIONS, wish, POLICE, "processing:write")
    assert (refused.status_code, refused.json()["code"]) == (403, "intent-refused"), refused.text


def write_a_letter(caller: Caller) -> None:
    """Tell a person at home, under a name and an address that the ledger did not know."""
    person = {"idType": "BSN", "id": WRITTEN_TO}
    assert caller.post(OPERATIONS, plain_act(21, WRITTEN_TO), COLLEGE, "processing:write").status_code == 201

    def owed() -> Any:
        asked = {"kind": "inform", "subject": person}
        return caller.post("/v1/obligations/_search", asked, COLLEGE, "notice", "operations").json()["items"]

    (duty,) = wait_until(owed)
    order = LETTER | {"dutch": NOTICE | {"purpose": SAID}, "english": NOTICE | {"purpose": SAID}}
    path = f"/v1/obligations/{duty['id']}/letters"
    # The notifier learns of the duty from Kafka, a moment after the ledger knows it.
    wait_until(lambda: caller.post(path, order, COLLEGE, "notice").status_code == 202)
    wait_until(lambda: caller.post(path, order, COLLEGE, "notice").json()["state"] == "sent")


def erase_a_person(caller: Caller) -> None:
    """Have all of a person erased, and wait until it is."""
    assert caller.post(OPERATIONS, plain_act(22, ERASED), COLLEGE, "processing:write").status_code == 201
    body = {"id": KEY.format(23), "subject": {"idType": "BSN", "id": ERASED}, "ground": "AVG 17(1)(d)"}
    answer = caller.post("/v1/erasures", body | {"decision": TEXTS[3]}, COLLEGE, "retention")
    assert answer.status_code == 202, answer.text
    path = f"/v1/erasures/{KEY.format(23)}"
    wait_until(lambda: caller.get(path, COLLEGE, "retention", "operations").json()["state"] in {"waiting", "complete"})


def ask_wrongly(caller: Caller, shape: Shape) -> None:
    """Put canaries where none belongs: addresses, headers, names of fields, a token, broken text, an inner door."""
    headers = caller.headers(COLLEGE, "processing:write")
    place = quote(NAME)
    wrong: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("GET", f"{OPERATIONS}?subject={CANARY_BSN}&name={place}", {}),
        ("GET", f"/v1/{CANARY_BSN}/{place}", {}),
        ("GET", f"/v1/erasures/{CANARY_BSN}", {}),
        (TEXTS[0].upper(), OPERATIONS, {}),
        ("POST", OPERATIONS, {"json": {NAME: CANARY_BSN, "subjects": {CANARY_BSN: NAME}}}),
        ("POST", OPERATIONS, {"json": [CANARY_BSN, NAME]}),
        ("POST", OPERATIONS, {"content": f'{{"id": "{CANARY_BSN}", "name": "{NAME}"'.encode()}),
        ("POST", OPERATIONS, {"content": f'{{"name": "{NAME}"}}'.encode("utf-16")}),
        ("POST", OPERATIONS, {"content": f'{{"name": "{NAME}"}}'.encode("latin-1")}),
        ("POST", OPERATIONS, {"json": {}, "headers": {"Content-Type": f"text/{TEXTS[0]}"}}),
        ("POST", OPERATIONS, {"json": {}, "headers": {"Grootboek-Purpose": TEXTS[1], "Idempotency-Key": CANARY_BSN}}),
        ("POST", OPERATIONS, {"json": {}, "headers": {"Authorization": f"Bearer {CANARY_BSN}.{TEXTS[0]}.x"}}),
    )
    for method, path, how in wrong:
        sent = {**how, "headers": headers | how.get("headers", {})}
        answer = httpx.request(method, caller.url(path), timeout=30, **sent)
        assert 400 <= answer.status_code < 500, (method, answer.text)
    for service in SERVICES:
        door = f"{shape.layout.url(service)}/internal/v1/{CANARY_BSN}/{place}"
        assert 400 <= httpx.post(door, json={NAME: CANARY_BSN}, timeout=30).status_code < 500


def poison(settings: KafkaSettings) -> None:
    """Spoil a record about a canary person, and add one of a stranger; wait until both were set aside."""
    known = next(record for lane in range(LANES) for record in read_partition(settings, settings.events_topic, lane))
    spoiled = BAD_VALUES[Reason.NEWER_VERSION](Letter(key=known.key, value=known.value, headers=known.headers))
    word = STRANGE.encode()
    strange = Letter(key=word, value=b'{"name":"%s' % word, headers=[("ce_type", word), (STRANGE, word)])
    with closing(Publishing(settings)) as publishing:
        publishing.put([((settings.events_topic, known.partition), letter) for letter in (spoiled, strange)])
    wait_until(lambda: len(read_partition(settings, settings.dead_letters_topic)) == 2)


def drive(shape: Shape, settings: KafkaSettings) -> Iterator[tuple[str, bytes]]:
    """Send the canaries through all that takes or gives them; what was told while the processes ran."""
    caller = Caller(Answering(shape))
    every_call(caller)
    ask_wrongly(caller, shape)
    refuse_an_intent(caller)
    write_a_letter(caller)
    erase_a_person(caller)
    stored = shape.stored()
    wait_until(lambda: len(shape.published()) >= len(stored))
    poison(settings)
    for number, problem in enumerate(caller.problems):
        yield f"problem {number}", problem.encode()
    for service in SERVICES:
        yield f"metrics of {service}", httpx.get(f"{shape.layout.url(service)}/metrics", timeout=30).content
    yield from everything_stored(shape.owner)
    yield "log of who started them", repr(shape.log.written).encode()


def exported(receiver: OtlpReceiver) -> Iterator[tuple[str, bytes]]:
    """What was exported, as it came over the line; and the ids in it, which travel as bytes, as their digits."""
    for number, body in enumerate(receiver.raw):
        yield f"export {number}", body
    for number, span in enumerate(receiver.spans):
        ids = [span.trace_id, span.span_id, span.parent_span_id, *(link.trace_id for link in span.links)]
        yield f"ids of span {number}", " ".join(each.hex() for each in ids).encode()


def assert_everything_was_there(receiver: OtlpReceiver, places: dict[str, bytes], settings: KafkaSettings) -> None:
    """Events and dead letters in the segments, lines of every process, spans and metrics: else nothing was searched."""
    for topic in (settings.events_topic, settings.register_topic, settings.dead_letters_topic):
        segments = [data for place, data in places.items() if f"/{topic}-" in place and place.endswith(".log")]
        assert any(b'"topic":"' in data for data in segments), topic
    indexes = [place for place in places if settings.prefix in place and place.endswith((".index", ".timeindex"))]
    assert len(indexes) == 2 * (LANES + 2)
    for service in SERVICES:
        assert b"process.started" in places[f"outputs/{service}.log"]
        assert b"grootboek_" in places[f"metrics of {service}"]
    assert b"feed.dead-letter" in places["outputs/notifier.log"]
    assert {"broker/broker.log", "broker/server.properties", "PostgreSQL's log"} <= places.keys()
    assert any(place.startswith("home/notifier/") for place in places)
    assert any(place.startswith("issuer/") for place in places)
    assert receiver.services >= set(SERVICES)
    names = {span.name for span in receiver.spans}
    assert names >= {"gateway.request", "internal.request", "ledger.append", "ledger.project", "ledger.publish"}
    assert names >= {"notifier.follow", "notifier.attend", "notifier.deliver"}
    assert "grootboek_request_seconds" in {metric.name for metric in receiver.metrics}


def test_no_canary_leaves_the_ciphertext(
    tmp_path: Path, own_broker: Broker, empty_database: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not into a segment or index of a topic, a dead letter, a log, an export, a metric, a table or a file."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    server_log = data_directory(empty_database).parent / "server.log"
    begin = server_log.stat().st_size
    own_broker.start()
    settings = settings_of_test(own_broker.bootstrap, topic_prefix)
    with OtlpReceiver() as receiver:
        monkeypatch.setenv("GROOTBOEK_OTLP_ENDPOINT", receiver.endpoint)
        how: Any = {"owner": empty_database, "servers": own_broker.bootstrap, "prefix": topic_prefix}
        with distributed(tmp_path, lanes=LANES, **how) as shape:
            told = list(drive(shape, settings))
        told += exported(receiver)
    own_broker.stop()
    folders = {name: tmp_path / name for name in ("outputs", "home", "issuer", "temporary")}
    found = [*told, *files_below({"broker": own_broker.log_folder.parent, **folders})]
    found.append(("PostgreSQL's log", server_log.read_bytes()[begin:]))
    letters = [place for place, _ in found if place.startswith("home/notifier/mailboxes/") and place.endswith(".pdf")]
    # The letter itself lies open for who mails it.
    searched = [(place, data) for place, data in found if place not in letters]
    assert len(letters) == 1
    assert_everything_was_there(receiver, dict(searched), settings)
    assert ClearText(SECRET).find(searched) == {}
    strange = ClearText([STRANGE]).find(searched)
    topics = {place.split("/")[2].rpartition("-")[0] for place in strange if place.startswith("broker/data/")}
    assert topics == {settings.events_topic, settings.dead_letters_topic}
    assert all(place.startswith("broker/data/") and place.endswith(".log") for place in strange)


def as_planted(text: str) -> dict[str, bytes]:
    """A text in every form that the search must know, inside something longer."""
    raw = text.encode()
    document = json.dumps({"name": text}).encode()
    return {
        "clear": raw,
        "capitals": text.upper().encode(),
        "latin-1": text.encode("latin-1"),
        "json": document,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "url": quote(text, safe="").encode(),
        "form": quote_plus(text).encode(),
        "percent": b"".join(b"%%%02X" % byte for byte in raw),
        "base64": base64.b64encode(raw),
        "base64-1": base64.b64encode(b"a" + raw + b"bc"),
        "base64-2": base64.b64encode(b"\xff\xfe" + raw + b"b"),
        "base64url": base64.urlsafe_b64encode(b"\xff" + raw),
        "base64-json": base64.b64encode(document),
    }


def small_places(data: bytes, folder: Path) -> Iterator[tuple[str, bytes]]:
    """One small piece of every kind that is searched, with these bytes in it."""
    files = {
        "broker/data/p.events-0/00.log": b'\0\1{"lane":0,"content":"' + data + b'"}\0\7',
        "broker/data/p.events-0/00.index": b"\0" * 64 + data + b"\0" * 10_000,
        "broker/data/p.dead-letters-0/00.log": b"grootboek-reason bad-json " + data,
        "broker/broker.log": b"WARN Unexpected error: " + data + b"\n",
        "outputs/gateway.log": b'{"event": "request.answered"}\n{"error": "' + data + b'"}\n',
        "home/erasure-register/register.jsonl": b'{"stream": "' + data + b'"}\n',
        "issuer/token-keys.json": data,
        "temporary/spooled": data + b"\0\0",
        "server.log": b"ERROR:  duplicate key " + data + b"\n",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    yield from files_below({"run": folder})
    yield "metrics of ledger", b'# TYPE x counter\nx{lane="' + data + b'"} 1\n'
    yield "export 1", export_of(Span(name="x", attributes=[KeyValue(key="k", value=AnyValue(bytes_value=data))]))


def export_of(span: Span) -> bytes:
    """An export of one span."""
    traces = ResourceSpans(scope_spans=[ScopeSpans(spans=[span])])
    return bytes(ExportTraceServiceRequest(resource_spans=[traces]).SerializeToString())


@pytest.mark.parametrize("form", as_planted(NAME))
@pytest.mark.parametrize("text", [CANARY_BSN, NAME])
def test_the_search_finds_what_is_planted(tmp_path: Path, text: str, form: str) -> None:
    """In every form, in a small piece of every kind of place; in none of them when something else stands there."""
    search = ClearText(SECRET)
    clean = dict(small_places(as_planted("999990998 is no canary")[form], tmp_path))
    assert search.find(clean.items()) == {}
    planted = dict(small_places(as_planted(text)[form], tmp_path))
    assert {place for place, texts in search.find(planted.items()).items() if text in texts} == set(clean)


def test_the_search_finds_a_number_in_a_name_and_in_an_id(tmp_path: Path) -> None:
    """In the name of a file, and as the id of a trace, which an export holds as bytes."""
    (tmp_path / f"letter-{CANARY_BSN}.json").touch()
    search = ClearText(SECRET)
    assert search.find(files_below({"run": tmp_path})) == {f"run/letter-{CANARY_BSN}.json": {CANARY_BSN}}
    with OtlpReceiver() as receiver:
        receiver.take("/v1/traces", export_of(Span(trace_id=bytes.fromhex(CANARY_BSN.rjust(32, "0")))))
        assert search.find(exported(receiver)) == {"ids of span 0": {CANARY_BSN}}

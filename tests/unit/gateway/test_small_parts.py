"""The small parts of the door: keys, bounds, lines, rates, and the files of the development issuer."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import FILE_NAME, TokenKeysReadable, make_keys, open_keys
from services.gateway.auth.subjects import open_subject, seal_subject
from services.gateway.formats.bounds import is_bound
from services.gateway.formats.keys import choose_key, is_citizen_number, key_fault, key_faults, require_key
from services.gateway.formats.ndjson import split_lines, stretches
from services.gateway.formats.repeated import has_repeated_names
from services.gateway.rates import Rates, TooManyRequests
from services.ledger.contract.messages import SubjectIdentifier
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import Rejected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("999990019", True),
        ("999-99-0019", True),
        ("999 990 019", True),
        ("9-9-9-9-9-0-0-1-9", True),
        ("999990018", False),
        ("20260301", False),
        ("2026-03-01", False),
        ("act-999990019", False),
        ("0198f0c1-7c1e-7000-8000-000000000001", False),
        ("000000000", False),
        ("12345678901234567", False),
    ],
)
def test_citizen_numbers_are_recognised(text: str, *, expected: bool) -> None:
    """A number that passes the eleven-test is one, with or without separators; longer keys are not."""
    assert is_citizen_number(text) is expected


@pytest.mark.parametrize("key", ["a", "0198f0c1-7c1e-7000-8000-000000000001", "a.b_c:d~e-f", "x" * 128])
def test_good_keys_have_no_fault(key: str) -> None:
    """Keys of 1 to 128 unreserved characters and a colon are taken."""
    assert key_fault(key, "/id") is None


@pytest.mark.parametrize(
    ("header", "body", "expected"), [("a", None, "a"), (None, "b", "b"), ("a", "a", "a"), (None, None, None)]
)
def test_the_key_comes_from_header_or_body(header: str | None, body: str | None, expected: str | None) -> None:
    """Either place will do, and both when they agree."""
    assert choose_key(header, body) == expected


@pytest.mark.parametrize(
    ("header", "body", "required", "expected"),
    [
        (None, None, False, []),
        (None, None, True, [("/id", "id-required")]),
        ("a", None, True, []),
        ("a b", "999990019", True, [("", "key-malformed"), ("/id", "key-identifies-person")]),
        ("a", "b", True, [("/id", "idempotency-key-contradicts-id")]),
        ("a", "", False, [("/id", "key-malformed")]),
    ],
)
def test_all_faults_of_a_key_are_told(
    header: str | None, body: str | None, expected: list[tuple[str, str]], *, required: bool
) -> None:
    """Those of the header and those of the body, together."""
    found = key_faults(header, body, required=required)
    assert [(fault.pointer, fault.code) for fault in found] == expected


def test_a_key_may_be_required() -> None:
    """Without a key a retry would be recorded twice."""
    with pytest.raises(Rejected) as caught:
        require_key(None)
    assert [fault.code for fault in caught.value.errors] == ["id-required"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-03", True),
        ("2026-05-03T09:00:00Z", True),
        ("2026-05-03T09:00:00+02:00", True),
        ("2026-05-03T09:00:00", False),
        ("2026-02-30", False),
        ("0001-01-01", False),
        ("9999-12-31T23:59:59-12:00", False),
        ("20260503", False),
        ("now", False),
        ("", False),
    ],
)
def test_bounds_are_instants_with_a_zone_or_dates(text: str, *, expected: bool) -> None:
    """A bound without a zone would mean another moment elsewhere."""
    assert is_bound(text) is expected


def test_lines_keep_their_numbers() -> None:
    """Empty lines count when lines are numbered, and are not lines of their own."""
    assert split_lines(b"a\r\n\n  \nb") == [(1, b"a\r"), (4, b"b")]


def test_stretches_cover_every_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting lines in stretches loses none and keeps their order."""
    monkeypatch.setattr(limits, "NDJSON_STRETCH_LINES", 2)
    lines = [(number, b"x") for number in range(5)]
    assert [len(stretch) for stretch in stretches(lines)] == [2, 2, 1]
    assert [line for stretch in stretches(lines) for line in stretch] == lines


@pytest.mark.parametrize(("raw", "expected"), [(b'{"a":1,"b":{"a":1}}', False), (b'[{"a":1,"\\u0061":2}]', True)])
def test_repeated_names_are_found_through_escapes(raw: bytes, *, expected: bool) -> None:
    """Two spellings of one name are a repetition; the same name in another object is not."""
    assert has_repeated_names(raw) is expected


def test_buckets_fill_with_time_and_are_bounded() -> None:
    """A bucket gives its burst, then its rate; the party that was idle longest is forgotten first."""
    clock = FakeClock()
    rates = Rates(clock, per_second=2, burst=3, parties_max=2)
    for _ in range(3):
        rates.take("a")
    with pytest.raises(TooManyRequests):
        rates.take("a")
    clock.advance(seconds=0.5)
    rates.take("a")
    for party in ("b", "c"):
        rates.take(party)
    assert list(rates._buckets) == ["b", "c"]


def test_a_clock_that_goes_back_fills_no_bucket() -> None:
    """When the wall clock is set back a bucket neither fills nor empties."""
    clock = FakeClock()
    rates = Rates(clock, per_second=1, burst=1)
    rates.take("a")
    clock.advance(seconds=-100)
    with pytest.raises(TooManyRequests):
        rates.take("a")


def test_the_issuers_keys_are_kept_closed(tmp_path: Path) -> None:
    """The keys are made once, closed to others, and a token of yesterday's process is recognised today."""
    token = TokenIssuer.open(tmp_path).issue("politie", "audit")
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert TokenIssuer.open(tmp_path).verifier().verify(token).scopes == {"audit"}


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    """Whoever can read the signing key can be anybody."""
    open_keys(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(TokenKeysReadable):
        open_keys(tmp_path)


def test_a_sealed_subject_opens_with_its_key_only() -> None:
    """The identifier comes back with the right key; with another key, or changed, it does not open."""
    keys, others = make_keys(), make_keys()
    identifier = SubjectIdentifier(id_type="BSN", id="999990019")
    sealed = seal_subject(identifier, keys.sealing)
    assert open_subject(sealed, keys.sealing) == identifier
    for wrong, key in ((sealed, others.sealing), (sealed[:-2] + "AA", keys.sealing), ("a.b.c.d.e", keys.sealing)):
        with pytest.raises(ValueError, match=r"sealed subject"):
            open_subject(wrong, key)

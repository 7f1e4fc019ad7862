"""What a log may be used for: police data and WGS partnerships."""

from __future__ import annotations

import pytest

from services.law.log_use import log_use


@pytest.mark.parametrize(
    ("regime", "wgs", "norm"),
    [
        ("Wpg-8", False, "wpg-32a"),
        ("Wpg-20", True, "wpg-32a"),
        ("AVG", True, "wgs-1-8-4"),
        (None, True, "wgs-1-8-4"),
        ("AVG", False, None),
        ("Wjsg", False, None),
        (None, False, None),
    ],
)
def test_which_norm_limits_the_log(*, regime: str | None, wgs: bool, norm: str | None) -> None:
    """Wpg 32a(2) for police data, WGS 1.8(4) for a partnership; else the law sets no limit."""
    limit = log_use(regime, wgs=wgs)
    assert (limit and limit.norm) == norm


def test_the_limit_is_said_with_its_article() -> None:
    """In both languages, for the person it is about."""
    limit = log_use("AVG", wgs=True)
    assert limit is not None
    assert ("WGS 1.8 lid 4" in limit.text.nl, "WGS 1.8(4)" in limit.text.en) == (True, True)

"""What a case file expects of an act, ``expect``, beside how the ledger judged it."""

from __future__ import annotations

from typing import Final

from services.cli.case.load import Posted
from services.cli.case.model import CaseAct, Json
from services.cli.case.spelling import several

_FROM_MILD_TO_BAD: Final = ("compliant", "gap", "violation")


def outcome_of(posted: Posted) -> str | None:
    """How an act was judged, by the worst of its answers; ``refused`` for an intent, None for what is not judged."""
    return "refused" if posted.refused else _worst(posted)


def differences_of(act: CaseAct, posted: Posted) -> list[str]:
    """What ``expect`` says and the verdict does not: the outcome, and every code, for the subjects named."""
    expect = act.fields["expect"] or {}
    worst = _worst(posted)
    if worst is None:
        return [f"act {act.number}: something is expected of it, and it is not judged"]
    faults = []
    if worst != expect.get("outcome", worst):
        faults.append(f"act {act.number}: outcome {worst}, expected {expect['outcome']}")
    if bool(expect.get("refused")) != posted.refused:
        faults.append(f"act {act.number}: refused {posted.refused}, expected {bool(expect.get('refused'))}")
    found = _labels_by_code(act, posted)
    for code, labels in _expected_codes(expect).items():
        missing = sorted(set(labels) - found.get(code, set()))
        if missing or code not in found:
            faults.append(f"act {act.number}: {code} not found{' for ' if missing else ''}{', '.join(missing)}")
    return faults


def _worst(posted: Posted) -> str | None:
    outcomes = [str(body["verdict"]["outcome"]) for _, body in posted.answers if "verdict" in body]
    return max(outcomes, key=_FROM_MILD_TO_BAD.index, default=None)


def _expected_codes(expect: Json) -> dict[str, list[str]]:
    """By code the persons it must be found for; a mere list of codes names nobody."""
    codes = expect.get("codes") or {}
    if isinstance(codes, dict):
        return {code: several(labels) for code, labels in codes.items()}
    return {code: [] for code in several(codes)}


def _labels_by_code(act: CaseAct, posted: Posted) -> dict[str, set[str]]:
    """By code for whom it was found; of an act about nobody, or one that concerns all, for nobody by name."""
    found: dict[str, set[str]] = {}
    for place, (_, body) in enumerate(posted.answers):
        labels = act.labels if len(posted.answers) == 1 else [act.labels[place]]
        # The event of an act about nobody stands on its controller's own stream, and has no person's pseudonym.
        refs = [subject["ref"] for subject in body["subjects"] if subject["ref"] is not None]
        by_ref = dict(zip(refs, labels, strict=True))
        for finding in body["verdict"]["findings"]:
            found.setdefault(finding["code"], set()).update(by_ref[ref] for ref in finding["subjects"])
    return found

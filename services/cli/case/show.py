"""Print the answers so that a person can read them; every value comes from ``var/answers.json``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from services.cli.case.model import AMSTERDAM, Case, Json, zoned

WIDTH = 92
_DAY_LENGTH: Final = len("2026-09-15")


def render_answers(case: Case, answers: Json) -> str:
    """The answers of a case as text: what happened with my data, what did we know then, who held what, what is owed."""
    blocks = [_findings(case, answers["findings"])]
    blocks += [_access(case, answers[q["key"]], q) for q in case.questions("access")]
    blocks += [_replay(answers[q["key"]], q) for q in case.questions("replays")]
    blocks += [_breach(case, answers[q["key"]], q) for q in case.questions("breaches")]
    if "retention" in answers:
        blocks.append(_retention(case, answers["retention"]))
    blocks += [_inform(answers[q["key"]], q) for q in case.questions("inform")]
    blocks += [_assess(answers[q["key"]], q) for q in case.questions("assess")]
    return "\n\n".join(blocks)


def _title(text: str) -> str:
    return f"{text}\n{'─' * WIDTH}"


def _findings(case: Case, findings: Json) -> str:
    counts = {outcome: list(findings.values()).count(outcome) for outcome in sorted(set(findings.values()))}
    counted = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    return f"{_title('How every act was judged')}\n{len(case.acts)} acts went in: {counted}."


def _access(case: Case, answer: Json, question: Json) -> str:
    act = case.act(question["act"])
    label = act.fields["access_request"]["subject"]
    lines = [_title(f"1. What happened with my data?  ({label} asks, {act.at:%d %B %Y})")]
    numbers = sorted((n for n in answer["lines"] if n.isdigit()), key=int)
    lines += [f"  {_act_line(case, number)}" for number in numbers]
    if numbers:
        lines.append(f"  Received by: {', '.join(answer['recipients']) or 'nobody'}")
        lines.append(f"  Named source: {', '.join(answer['source_named']) or 'none'}")
    else:
        lines.append("  No line is shown: there is none, or it is withheld.")
    lines.append("  Who must answer, under which law, by when, and the remedy:")
    lines += [f"    {party:<26} {text}" for party, text in answer["controllers"].items()]
    if "review" in answer:
        lines.append(f"  Waits for a human to decide: {answer['review']}")
    return "\n".join(lines)


def _act_line(case: Case, number: str) -> str:
    act = case.act(number)
    what = act.fields.get("operation") or act.kind
    to = ", ".join(str(recipient.get("party")) for recipient in act.recipients)
    who = act.fields.get("controller") or act.by
    return f"{act.at:%d %b %Y %H:%M}  {who} · {what}{' → ' + to if to else ''}  (act {number})"


def _replay(answer: Json, question: Json) -> str:
    about = question.get("subject") or question.get("caseId")
    lines = [_title(f"2. What did we know then?  ({about}, {_moment(question.get('bound'))})")]
    lines += [f"  {key.replace('_', ' '):<36} acts {', '.join(_in_order(acts))}" for key, acts in answer.items()]
    late = sorted(set(answer["as_it_was_on"]) - set(answer["as_known_at"]))
    if late:
        lines.append(f"  Had happened but was not known yet: act {', '.join(late)}")
    return "\n".join(lines)


def _breach(case: Case, answer: Json, question: Json) -> str:
    act = case.act(question["act"])
    breach = act.fields["breach"]
    where = breach.get("party") or act.by
    lines = [_title(f"3. Who held what when it leaked?  ({where}: {breach.get('description')})")]
    lines += _breach_lines(answer)
    return "\n".join(lines)


def _breach_lines(answer: Json) -> Iterator[str]:
    yield f"  Exposed: {', '.join(answer['exposed'])}    Held: {', '.join(answer['held'])}"
    for label, acts in answer["sources"].items():
        inform = answer["inform"].get(label)
        told = f"  tell the person if the risk is high: {inform}" if inform else ""
        yield f"    {label}: got in acts {', '.join(acts)}{told}"
    yield f"  Supplied under: {'; '.join(answer['supplied_basis'])}    Own ground: {'; '.join(answer['own_basis'])}"
    yield f"  Report to the authority before {answer['report_before']}, by {answer['reporting_party']}"


def _retention(case: Case, answer: Json) -> str:
    lines = [_title("4. What has to go, and did it?")]
    lines += [
        f"  {_act_about(question):<40} data may be held until {answer[question['key']]}"
        for question in case.questions("holdingEnds")
    ]
    for question in case.questions("erasureOwed"):
        owed = answer[question["key"]]
        told = "; ".join(f"{label}: {', '.join(parties)}" for label, parties in owed.items()) or "nobody"
        lines.append(f"  {_moment(question.get('asOf')):<40} erasure still owed by {told}")
    for question in case.questions("erasureOf"):
        found = answer[question["key"]]
        counted = f"erasure owed by {found['owed']}, confirmed by {found['confirmed']}"
        lines.append(f"  {_act_about(question):<40} {counted}")
    return "\n".join(lines)


def _act_about(question: Json) -> str:
    about = question.get("subject")
    return f"act {question['act']}" + ("" if about is None else f" about {about}")


def _inform(answer: Json, question: Json) -> str:
    covenant = question.get("covenant")
    place = f", {covenant['id']}/{covenant.get('annex') or 'all'}" if covenant else ""
    when = _moment(question.get("asOf"))
    lines = [_title(f"5. Who had to be told, and how does that stand?  ({when}{place})")]
    lines += [f"  {label:<6} by {due:<18} {answer['state'][label]}" for label, due in answer["due"].items()]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  Nobody."])


def _assess(answer: Json, question: Json) -> str:
    lines = [_title(f"6. May this be shared?  (act {question['act']})")]
    return "\n".join([*lines, *(f"  {party:<26} {told}" for party, told in answer.items())])


def _in_order(acts: list[str]) -> list[str]:
    return sorted(acts, key=lambda act: int(act.partition("-")[0]) if act.partition("-")[0].isdigit() else 0)


def _moment(bound: Any) -> str:
    """A bound as people say it: a bare day means its end, as in the contract."""
    if bound is None:
        return "now"
    text = str(zoned(bound))
    if len(text) == _DAY_LENGTH:
        return f"end of {date.fromisoformat(text):%d %B %Y}"
    return f"{datetime.fromisoformat(text).astimezone(AMSTERDAM):%d %B %Y %H:%M}"

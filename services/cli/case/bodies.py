"""From an act of a case file to the call and body of the public contract."""

from __future__ import annotations

from typing import Final

import msgspec

from services.cli.case.model import Case, CaseAct, Json, zoned

GOVERNANCE: Final = (
    ("parties", "/v1/parties"),
    ("purposes", "/v1/purposes"),
    ("municipalities", "/v1/municipalities"),
    ("covenants", "/v1/covenants"),
    ("addenda", "/v1/addenda"),
    ("interpretations", "/v1/interpretations"),
    ("activities", "/v1/processing-activities"),
    ("mandates", "/v1/mandates"),
    ("decisions", "/v1/decisions"),
)
_LOADER_FIELDS: Final = frozenset(
    {"n", "at", "recorded", "by", "controller", "to", "for", "status", "subjects", "expect", "confirms", "operations"}
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One POST: path, body, and the token it goes with."""

    path: str
    body: Json
    party: str
    scope: str
    key: str


def governance_calls(case: Case) -> list[Call]:
    """The register entries of the file, in the order in which they lean on one another."""
    return [
        Call(path=path, body=zoned(entry), party="registrar", scope="governance", key=f"{entry.get('id')}")
        for names, path in governance_sections()
        for entry in case.section(*names)
    ]


def governance_sections() -> list[tuple[tuple[str, str], str]]:
    """What a section of the register may be called, its own name and that of its call, and the path of the call."""
    return [((section, path.rpartition("/")[2]), path) for section, path in GOVERNANCE]


def calls_of(case: Case, act: CaseAct) -> list[Call]:
    """The calls of one act: one, or one per person for exemptions (UAVG 41: decided one by one)."""
    match act.kind:
        case "notice":
            return [_notice(case, act)]
        case "exemption":
            return [_exemption(case, act, label) for label in act.labels]
        case "breach":
            return [_breach(case, act)]
        case "access_request":
            return [_access_request(case, act)]
        case _:
            return [_operation(case, act)]


def _operation(case: Case, act: CaseAct) -> Call:
    fields = act.fields
    body = {name: value for name, value in fields.items() if name not in _LOADER_FIELDS}
    body |= {"id": case.key(act.number), "occurredAt": act.at.isoformat(), "subjects": _subjects(case, act)}
    body["controller"] = fields.get("controller") or act.by
    if fields.get("controller"):
        body["processor"] = act.by
    if "to" in fields:
        body["recipients"] = act.recipients
    if isinstance(fields.get("status"), str):
        body["status"] = fields["status"]
    body |= {name: case.id_of(fields[name]) for name in ("confirms", "intentId") if fields.get(name) is not None}
    return Call(
        path="/v1/processing-operations",
        body=zoned(body),
        party=act.by,
        scope="processing:write",
        key=body["id"],
    )


def _subjects(case: Case, act: CaseAct) -> list[Json]:
    """The persons, each with its status; a status that is no list of labels is the operation's own."""
    said = act.fields.get("status")
    status = said if isinstance(said, dict) else {}
    return [case.subject(label) | ({"status": status[label]} if label in status else {}) for label in act.labels]


def _notice(case: Case, act: CaseAct) -> Call:
    body = dict(act.fields["notice"]) | {
        "id": case.key(act.number),
        "subjects": [case.identifier(label) for label in act.labels],
        "controller": _told_for(act),
        "givenBy": act.by,
        "givenAt": act.at.isoformat(),
    }
    return _about_duty(act, "/v1/notices", body)


def _exemption(case: Case, act: CaseAct, label: str) -> Call:
    body = {"decidedBy": act.by, "decidedAt": act.at.isoformat()} | dict(act.fields["exemption"])
    body |= {
        "id": case.key(act.number, label),
        "subject": case.identifier(label),
        "controller": _told_for(act),
    }
    return _about_duty(act, "/v1/exemptions", body)


def _told_for(act: CaseAct) -> str:
    """The controller whose duty to tell it is about."""
    return str(act.fields.get("for") or act.fields.get("controller") or act.by)


def _about_duty(act: CaseAct, path: str, body: Json) -> Call:
    if "covenant" in act.fields:
        body["covenant"] = act.fields["covenant"]
    return Call(path=path, body=zoned(body), party=act.by, scope="notice", key=body["id"])


def _breach(case: Case, act: CaseAct) -> Call:
    breach = dict(act.fields["breach"])
    operations = breach.pop("operations", None)
    instant = act.at.isoformat()
    body = {
        "id": case.key(act.number),
        "occurredFrom": instant,
        "occurredUntil": instant,
        "awareAt": instant,
    } | breach
    body["party"] = breach.get("party") or act.by
    if operations is not None:
        body["operationIds"] = [case.id_of(number) for number in operations]
    return Call(path="/v1/breaches", body=zoned(body), party=body["party"], scope="breach", key=body["id"])


def _access_request(case: Case, act: CaseAct) -> Call:
    request = act.fields["access_request"]
    role = request["requestedBy"]
    body = {"receivedAt": act.at.isoformat()} | dict(request)
    body |= {
        "id": case.key(act.number),
        "subject": case.identifier(request["subject"]),
        "receivedBy": request.get("receivedBy") or act.by,
        "requestedBy": {"role": role} if isinstance(role, str) else role,
    }
    return Call(
        path="/v1/access-requests",
        body=zoned(body),
        party=body["receivedBy"],
        scope="subject:access",
        key=body["id"],
    )

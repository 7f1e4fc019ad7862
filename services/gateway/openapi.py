"""The API description (OpenAPI 3.1), made from the catalogue and the types that decode and answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from services.gateway.answers import ANSWERS
from services.gateway.calls import Call, Parameter
from services.gateway.catalogue import CALLS
from services.gateway.description import (
    CONTACT,
    HEADERS,
    INTRODUCTION,
    PARAMETERS,
    PROBLEM_SCHEMAS,
    SECURITY,
    TAGS,
)
from services.runtime import limits
from services.runtime.http import API_VERSION, JSON, NDJSON, PROBLEM

SERVER: Final = "/v1"
PATH_PARAMETER: Final = re.compile(r"{([a-z]+)}")
TITLES: Final[Mapping[int, str]] = {
    400: "Malformed: every fault is listed, and nothing was stored.",
    401: "No valid token.",
    403: "Your token does not allow this, or the judgement refused the intent.",
    404: "Nothing here that you may see.",
    405: "Another method.",
    406: "No media type that you accept.",
    409: "In conflict with what stands in the ledger, such as a key used before with another body.",
    413: "Larger than this call takes; nothing was stored.",
    415: "A media type or an encoding that this call does not take.",
    429: "Too often.",
    500: "A fault of ours.",
    503: "Not now: try again after Retry-After, with the same key.",
}


@cache
def render() -> bytes:
    """Return the description as it stands in schemas/openapi.json, ending in a newline."""
    return json.dumps(describe(), indent=2, ensure_ascii=False).encode() + b"\n"


def describe() -> dict[str, Any]:
    """Return the description."""
    shapes = sorted(
        {shape for call in CALLS for shape in (call.body, call.answers) if isinstance(shape, type)},
        key=lambda shape: shape.__name__,
    )
    _, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    schemas = {name: simplify(schema) for name, schema in sorted(components.items())}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Grootboek",
            "version": API_VERSION,
            "description": INTRODUCTION,
            "contact": CONTACT,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": SERVER, "description": "This ledger."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [{"bearer": []}],
        "paths": describe_paths(),
        "components": {
            "schemas": {**schemas, **PROBLEM_SCHEMAS, **ANSWERS},
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "responses": {f"Problem{status}": describe_problem(status) for status in TITLES},
            "securitySchemes": SECURITY,
        },
    }


def describe_paths() -> dict[str, Any]:
    """Return the paths, below /v1 as the server says; those that stand outside it name a server of their own."""
    paths: dict[str, Any] = {}
    for call in CALLS:
        inside = call.path.startswith(f"{SERVER}/")
        name = call.path.removeprefix(SERVER) if inside else call.path
        item = paths.setdefault(name, {} if inside else {"servers": [{"url": "/"}]})
        item[call.method.lower()] = describe_call(call)
    return paths


def describe_call(call: Call) -> dict[str, Any]:
    """Return one operation."""
    described: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "tags": [call.tag],
    }
    parameters = describe_parameters(call)
    if parameters:
        described["parameters"] = parameters
    if call.body is not None:
        described["requestBody"] = describe_body(call)
    described["responses"] = describe_answers(call, has_parameters=bool(parameters))
    if call.scopes is None:
        described["security"] = []
    elif call.scopes:
        described["security"] = [{"bearer": [scope]} for scope in sorted(call.scopes)]
    return described


def describe_parameters(call: Call) -> list[dict[str, Any]]:
    """Return path, query and header parameters."""
    described = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 128}}
        for name in PATH_PARAMETER.findall(call.path)
    ]
    described += [describe_query(parameter) for parameter in call.query]
    names = (("IdempotencyKey", call.creates), ("Purpose", call.purpose), ("MinPosition", call.purpose))
    described += [{"$ref": f"#/components/parameters/{name}"} for name, wanted in names if wanted]
    return described


def describe_query(parameter: Parameter) -> dict[str, Any]:
    """Return one query parameter."""
    schema: dict[str, Any] = {"type": "string"}
    if parameter.form == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": limits.PAGE_ITEMS_MAX}
    elif parameter.form == "version":
        schema = {"type": "integer", "minimum": 1, "maximum": limits.VERSION_MAX}
    elif parameter.form == "cursor":
        schema["maxLength"] = limits.CURSOR_LENGTH_MAX
    elif parameter.form == "day":
        schema["format"] = "date"
    elif parameter.form == "id":
        schema |= {"maxLength": limits.IDEMPOTENCY_KEY_LENGTH_MAX, "pattern": "^[A-Za-z0-9._:~-]+$"}
    return {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}


def describe_body(call: Call) -> dict[str, Any]:
    """Return the body in each media type that the call takes."""
    assert call.body is not None
    schema = {"$ref": f"#/components/schemas/{call.body.__name__}"}
    content: dict[str, Any] = {media: {"schema": schema} for media in call.medias if media != NDJSON}
    if NDJSON in call.medias:
        lines = f"At most {limits.NDJSON_LINES_MAX} lines, each an {call.body.__name__} with its id."
        content[NDJSON] = {"schema": {"type": "string", "description": lines}}
    return {"required": not call.body_optional, "content": content}


def describe_answers(call: Call, *, has_parameters: bool) -> dict[str, Any]:
    """Return the answers: what goes well, and every problem this call can have."""
    media = call.answer_media.partition(";")[0]
    content = {media: {"schema": answer_schema(call)}} if media == JSON else {media: {"schema": {"type": "string"}}}
    content |= {other: {"schema": {"type": "string", "format": "binary"}} for other in call.also_answers}
    described: dict[str, Any] = {
        str(call.status): {"description": call.summary, "headers": VERSION, "content": content}
    }
    if call.waits:
        text = "Taken, and waiting for a review: an intent about very many persons. Nothing may be done yet."
        described["202"] = {"description": text, "headers": VERSION, "content": content}
    if NDJSON in call.medias:
        text = "Per line, in order, a receipt or a problem that names its line."
        described["200"] = {
            "description": text,
            "headers": VERSION,
            "content": {NDJSON: {"schema": {"type": "string", "description": text}}},
        }
    statuses = {405, 406, 500, 503, *call.refuses}
    statuses |= {400} if call.method == "POST" or has_parameters else set()
    statuses |= {401, 403} if call.scopes is not None else set()
    statuses |= {404} if "{" in call.path else set()
    statuses |= {413, 415} if call.body is not None else set()
    described |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(statuses)}
    return dict(sorted(described.items()))


VERSION: Final = {"API-Version": {"$ref": "#/components/headers/ApiVersion"}}


def answer_schema(call: Call) -> dict[str, Any]:
    """Return the schema of an answer: its type's, the one described by name, or an open object."""
    if call.answers is not None:
        return {"$ref": f"#/components/schemas/{call.answers.__name__}"}
    name = f"{call.name[0].upper()}{call.name[1:]}Answer"
    return {"$ref": f"#/components/schemas/{name}"} if name in ANSWERS else {"type": "object"}


def describe_problem(status: int) -> dict[str, Any]:
    """Return one kind of problem answer."""
    headers = dict(VERSION)
    if status in {429, 503}:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    schema = "RefusalProblem" if status == 403 else "Problem"
    return {
        "description": TITLES[status],
        "headers": headers,
        "content": {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def simplify(schema: Any) -> Any:
    """Write what may be null as a list of types, so that format and bounds stand where linters look for them."""
    if isinstance(schema, list):
        return [simplify(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: simplify(value) for name, value in schema.items()}
    options = plain.get("anyOf")
    if isinstance(options, list) and len(options) == 2 and {"type": "null"} in options:
        other = next(option for option in options if option != {"type": "null"})
        if isinstance(other.get("type"), str) and "enum" not in other:
            del plain["anyOf"]
            plain = {**other, "type": [other["type"], "null"], **plain}
    return plain

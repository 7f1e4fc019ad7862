"""The API description equals the code and obeys the rules of the NLGov API Design Rules linter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from services.gateway.catalogue import CALLS
from services.gateway.openapi import describe, render
from services.gateway.web.pages.all_pages import PAGES
from tests.support.door import Door

STORED = Path(__file__).parents[3] / "schemas" / "openapi.json"
KEBAB = re.compile(
    r"^(/|(/_[a-z0-9]+|/(([a-z0-9\-]+|{[^}]+})(/([a-z0-9\-.]+|{[^}]+}))*)(/_[a-z]+)?)/?)$",
)
CAMEL_QUERY = re.compile(r"^\$?[a-z][a-z\d]*([A-Z][a-z\d]*)*$")
SEMVER = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
NAMED_LIKE_A_DATE = re.compile(r"^(date|datum)$|(\w+D|_[dD])(ate|atum)")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """Return the description."""
    return describe()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every operation with its path and method."""
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method != "servers":
                yield path, method, operation


def resolve(description: dict[str, Any], node: Any) -> Any:
    """Follow a reference, if it is one."""
    while isinstance(node, dict) and "$ref" in node:
        target = description
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Return every object in a tree."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def servers_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the servers that a node of the description names."""
    servers = node.get("servers")
    return servers if isinstance(servers, list) else []


def test_the_stored_description_equals_the_code() -> None:
    """What partners build against is what the code does; `make openapi` renews it."""
    assert STORED.read_bytes() == render()


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    """No reference hangs in the air."""
    for node in nodes(description):
        if "$ref" in node:
            assert isinstance(resolve(description, node), dict)


def test_routes_and_description_are_the_same() -> None:
    """Every route that answers is described or a page for people, and the other way round (OWASP API 9)."""
    routes = {route.path for route in Door().app.router.routes if isinstance(route, Route)}
    routes -= {page.path for page in PAGES}
    described = {path if "servers" in item else f"/v1{path}" for path, item in describe()["paths"].items()}
    assert routes - {"/openapi.json", "/v1/openapi.json"} == {
        path.replace("{path}", "{path:path}") for path in described
    }


def test_core_openapi_and_contact(description: dict[str, Any]) -> None:
    """publish-openapi, doc-openapi, doc-openapi-contact, semver, uri-version and servers-use-https."""
    assert re.fullmatch(r"3(.\d+){1,2}", description["openapi"])
    assert {"email", "name", "url"} <= description["info"]["contact"].keys()
    assert SEMVER.match(description["info"]["version"])
    assert description["servers"]
    assert all(re.search(r"/v[\d+]", server["url"]) for server in description["servers"])
    assert not any(server["url"].startswith("http:") for node in nodes(description) for server in servers_of(node))


def test_core_names(description: dict[str, Any]) -> None:
    """no-trailing-slash, path-segments-kebab-case, query-keys-camel-case, http-methods and schema-camel-case."""
    assert [path for path in description["paths"] if not KEBAB.match(path) or path.endswith("/")] == []
    assert {method for _, method, _ in operations(description)} <= {"get", "post", "put", "delete", "patch"}
    for node in nodes(description):
        if node.get("in") == "query":
            assert CAMEL_QUERY.match(node["name"])
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) for name in description["components"]["schemas"])


def test_core_operations_are_unique(description: dict[str, Any]) -> None:
    """operation-operationId-unique, openapi-tags-uniqueness, and every tag that is used is explained."""
    names = [operation["operationId"] for _, _, operation in operations(description)]
    tags = [tag["name"] for tag in description["tags"]]
    assert len(names) == len(set(names)) == len(CALLS)
    assert len(tags) == len(set(tags))
    assert {tag for _, _, operation in operations(description) for tag in operation["tags"]} == set(tags)


def test_core_path_parameters(description: dict[str, Any]) -> None:
    """path-params: every parameter in a path is described and required, and no other."""
    for path, _, operation in operations(description):
        described = {
            parameter["name"]
            for parameter in operation.get("parameters", ())
            if "$ref" not in parameter and parameter["in"] == "path" and parameter["required"]
        }
        assert described == set(re.findall(r"{(\w+)}", path))


def test_core_version_header(description: dict[str, Any]) -> None:
    """version-header: every answer, good or bad, has API-Version."""
    for _, _, operation in operations(description):
        for answer in operation["responses"].values():
            assert "API-Version" in resolve(description, answer)["headers"]


def test_core_problem_details(description: dict[str, Any]) -> None:
    """problem-details and invalid-input: errors are problem+json with status, title and detail; 400 where it can be."""
    for _, method, operation in operations(description):
        answers = operation["responses"]
        if method == "post" or operation.get("parameters"):
            assert "400" in answers
        assert "422" not in answers
        for status, answer in answers.items():
            if status[0] in "45":
                content = resolve(description, answer)["content"]
                assert list(content) == ["application/problem+json"]
                schema = resolve(description, content["application/problem+json"]["schema"])
                assert {"status", "title", "detail"} <= schema["properties"].keys()


def test_core_dates(description: dict[str, Any]) -> None:
    """date-omit-time-portion and timezone: what is named a date is one, and no instant goes without its zone."""
    for node in nodes(description):
        for name, schema in (node.get("properties") or {}).items():
            if not isinstance(schema, dict):
                continue
            assert schema.get("format") not in {"time", "date-time-local"}
            if NAMED_LIKE_A_DATE.search(name):
                assert schema["format"] == "date"


def test_no_person_stands_in_a_url(description: dict[str, Any]) -> None:
    """No path or query parameter can hold an identifier of a person: ids are keys, and searches are POST."""
    names = {node["name"] for node in nodes(description) if node.get("in") in {"query", "path"}}
    ids_and_days = {"party", "from", "until", "day", "to", "with", "reader"}
    assert names == {"id", "lane", "path", "asOf", "asKnownAt", "validAt", "cursor", "limit"} | ids_and_days


def test_public_calls_say_so(description: dict[str, Any]) -> None:
    """What needs no token says so, and everything else inherits that it does."""
    public = {path for path, _, operation in operations(description) if operation.get("security") == []}
    assert public == {"/healthz", "/readyz", "/metrics"}
    assert description["security"] == [{"bearer": []}]


def test_the_description_is_json_that_ends_in_a_newline() -> None:
    """A file under version control ends in a newline, and rendering twice gives the same bytes."""
    assert render() == render()
    assert render().endswith(b"}\n")
    assert json.loads(render())["openapi"] == "3.1.0"

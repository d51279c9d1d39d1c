"""Schemathesis on the real application: what it sent, what it found."""

from base64 import urlsafe_b64encode
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.api.city import City
from web.api import openapi

BASE = "http://127.0.0.1:8000"
ANY, TEXT = r"^[^\x00]*$", r"^[^\x00]*[^\x00\s][^\x00]*$"
"""What a text field takes: no NUL, and where it may not be empty something that can be seen."""

_NEVER = {"enabled": False}
_UNPROMISED = {
    # What fits the document may be refused: a version may be old, a file no photograph.
    "take_action": ("positive_data_acceptance",),
    "take_plan_action": ("positive_data_acceptance",),
    # A content that is no form is sent as a good one all the same; test_doors sends bad ones.
    "file_plan": ("positive_data_acceptance", "negative_data_rejection"),
    "store_file": ("positive_data_acceptance", "negative_data_rejection"),
}


@dataclass
class Found:
    """The outcome of one run."""

    cases: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Route and status → answers."""
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Route, check and message → how to send it again."""


def run(
    app: Any,
    document: dict[str, Any],
    token: str,
    *,
    seed: int,
    examples: int,
    phases: tuple[str, ...] = ("fuzzing",),
    accept: bool = True,
) -> Found:
    """Send everything that the phases make of a document; `accept`: what fits must be taken."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": BASE,
            "headers": {"Authorization": f"Bearer {token}"},
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {
                name: {"enabled": name in phases}
                for name in ("examples", "coverage", "fuzzing", "stateful")
            },
            "checks": {
                "positive_data_acceptance": {"enabled": accept},
                # A file that was stored can be fetched once an issue has it.
                "ensure_resource_availability": _NEVER,
            },
            "operations": [
                {"include-operation-id": name, "checks": dict.fromkeys(checks, _NEVER)}
                for name, checks in _UNPROMISED.items()
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(found, event.recorder)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.failures["", "error", str(event)] = ""
    return found


def _note(found: Found, recorder: Any) -> None:
    for sent in recorder.interactions.values():
        found.cases += 1
        found.statuses[recorder.label, sent.response.status_code if sent.response else 0] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                told = (recorder.label, failure.title, failure.message)
                found.failures.setdefault(told, check.failure_info.code_sample)


def published() -> dict[str, Any]:
    """The document as it is given out."""
    return deepcopy(openapi.document("zh"))


def narrowed(city: City) -> dict[str, Any]:
    """The document with what this city knows: real numbers, names and cursors.

    Whatever fits it has to be taken, whatever does not has to be refused.
    """
    document, known = published(), _known(city)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _narrow_parameters(city, path, operation, known)
    schemas = document["components"]["schemas"]
    for name in ("ReportInput", "ActInput", "NamedFile"):
        for key, schema in schemas[name]["properties"].items():
            narrow(key, schema, known)
    schemas["ActInput"]["properties"]["version"] = {"type": "integer", "minimum": 1, "maximum": 9}
    return document


def narrow_form(city: City, form: dict[str, Any]) -> None:
    """The same for the form of one action."""
    known = _known(city)
    for name, schema in form["properties"].items():
        narrow(name, schema, known)


def _known(city: City) -> dict[str, list[str]]:
    world = city.program.world
    units = ["青山镇", "hekou", "市生态环境局", "青山镇柳湾村"]
    days = [world.day(20), world.day(400)]
    return {
        "number": list(city.numbers.values()),
        "into": list(city.numbers.values()),
        "sha256": [city.photo, city.paper],
        "action": sorted({name for loop in world.office.loops.values() for name in loop.actions}),
        "state": ["reported", "checking", "assigned,rectifying"],
        "loop": sorted(n for n, loop in world.office.loops.items() if loop.born_by == "report"),
        "lamp": sorted(world.office.lamps),
        "category": sorted(world.office.categories),
        "source": sorted(world.office.sources),
        **dict.fromkeys(("unit", "place_unit", "responsible", "acceptance"), units),
        **dict.fromkeys(("lead", "cooperating"), units),
        "due": days,
        "until": days,
        "visited_on": [world.day(0)],
        "evidence": [city.photo, city.paper],
    }


def _narrow_parameters(
    city: City, path: str, operation: dict[str, Any], known: dict[str, list[str]]
) -> None:
    kept = [p for p in operation["parameters"] if p["in"] != "header"]
    for parameter in kept:
        narrow(parameter["name"], parameter["schema"], known)
        if parameter["name"] == "cursor":
            parameter["schema"] = {"type": "string", "enum": [_cursor(city, path)]}
    operation["parameters"] = kept


def narrow(name: str, schema: dict[str, Any], known: dict[str, list[str]]) -> None:
    """A field, or each of its items, takes one of the known values, or any text to be kept."""
    plain = next((each for each in schema.get("anyOf", ()) if each != {"type": "null"}), schema)
    plain = plain.get("items", plain)
    if name in known and plain.get("type") == "string":
        plain.clear()
        plain["type"] = "string"
        plain["enum"] = known[name]
    elif plain.get("type") == "string" and "pattern" not in plain and "enum" not in plain:
        plain["pattern"] = TEXT if plain.get("minLength") else ANY


def _cursor(city: City, path: str) -> str:
    """A cursor that a list gave out."""
    ask = city.program.get
    if path.endswith("/units"):
        return str(ask("/units", "gj.dispatcher", limit=2)["next_cursor"])
    if path.endswith("/plans"):
        return urlsafe_b64encode(b"plans 9").decode().rstrip("=")
    if path.endswith("/issues"):
        return str(ask("/issues", "gj.dispatcher", limit=2)["next_cursor"])
    place = "events 3" if path.endswith("/events") else "work 2024-09-24T16:00:00+00:00_3"
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")

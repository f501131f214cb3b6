"""The API's description: a whole OpenAPI 3.1 document of all routes, true of whatever there is to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import msgspec
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from handler import registering, trial
from handler.core.audience import Audience
from handler.core.delivery import Delivery
from handler.core.problem import Problem, ProblemKind
from handler.core.record import Record
from handler.core.watch import Watch
from handler.gateways import Request
from handler.registry import Entry, Reason
from handler.report import make_report
from handler.scope import KEYS, read_scope
from handler.tick import Tick
from handler.trial import Trial
from handler.triggers import TriggerKind
from handler.web.answers import BadRequestError, read_object
from handler.web.api import answer_shape
from handler.web.api.metrics import MEDIA_TYPE
from handler.web.api.openapi import VERSION, document
from handler.web.api.shapes import detail_of, list_of
from handler.web.routes import ROUTES
from handler.web.watches import read_wish
from notifiers.channel import Channel
from notifiers.verdicts import Outcome, Verdict
from tests.web.kept import CHANGE, LEDGER, NOW, records

DOCUMENT: Final = document()
SCHEMAS: Final[dict[str, Any]] = DOCUMENT["components"]["schemas"]


def validator(name: str) -> Draft202012Validator:
    """Check what is of a shape, and has nothing that is not described."""
    closed = {
        shape: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for shape, schema in SCHEMAS.items()
    }
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": closed}}
    return Draft202012Validator(schema, format_checker=FormatChecker())


def references(part: object) -> Iterator[str]:
    """All that a part of the document refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_is_openapi() -> None:
    """By the specification's own schema, and each schema that is written by hand by JSON Schema's."""
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for kind in ("parameters", "headers"):
        for described in DOCUMENT["components"][kind].values():
            Draft202012Validator.check_schema(described["schema"])


def test_it_can_be_written_as_json_and_is_no_burden() -> None:
    """The same each time, so that it need not be fetched twice."""
    text = msgspec.json.encode(DOCUMENT)

    assert json.loads(text) == DOCUMENT
    assert msgspec.json.encode(document()) == text
    assert len(text) < 50_000


def test_whatever_it_refers_to_is_there_and_the_reverse() -> None:
    """No component is described that nothing has to do with."""
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in named
    }

    assert set(references(DOCUMENT)) == components


def test_each_route_is_described_and_no_other() -> None:
    """With all its methods, and all that stands in its path."""
    described = {
        path: {method.upper() for method in methods if method != "parameters"}
        for path, methods in DOCUMENT["paths"].items()
    }
    names = {"INSTANCE": "{instance_id}", "TASK": "{task_id}"}

    assert described == {
        re.sub("INSTANCE|TASK", lambda found: names[found[0]], route.path): {*route.methods, "OPTIONS"}
        for route in ROUTES
    }
    for path, methods in DOCUMENT["paths"].items():
        taken = [
            DOCUMENT["components"]["parameters"][ref["$ref"].rpartition("/")[2]]["name"]
            for ref in methods.get("parameters", ())
        ]
        assert taken == re.findall(r"{(\w+)}", path)


def test_each_operation_has_a_name_of_its_own() -> None:
    """By which generated clients call it."""
    names = [
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
    ]

    assert len(set(names)) == len(names)


def test_only_health_is_told_to_anybody() -> None:
    """Everything else wants the token, in one of three ways, or for reading what signing in has left."""
    token: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}, {"token": []}]
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                is_read = method in {"get", "head", "options"}
                is_open = path == "/healthz"
                wanted = [*token, {"cookie": []}] if is_read else token
                is_form = method == "post" and "get" in methods and not path.startswith("/api")
                assert operation.get("security", DOCUMENT["security"]) == (
                    [] if is_open or is_form else wanted
                )
                assert ("401" in operation["responses"]) is not is_open


def test_texts_have_no_margin() -> None:
    """What stands in the source is indented there only."""
    assert not [name for name, schema in SCHEMAS.items() if "\n " in schema["description"]]


def test_the_version_is_the_projects() -> None:
    """As it is written where the project is described."""
    project = Path("pyproject.toml").read_text(encoding="utf-8")

    assert f'\nversion = "{VERSION}"\n' in project


def test_the_metrics_are_of_the_type_that_is_described() -> None:
    """Which must not be imported only to describe it."""
    [described] = DOCUMENT["paths"]["/metrics"]["get"]["responses"]["200"]["content"]

    assert described == MEDIA_TYPE.partition(";")[0]


def words(shape: type, field: str) -> tuple[str, ...]:
    """The words that a field may have."""
    return get_args(get_type_hints(shape)[field])


def test_words_of_other_layers_are_theirs() -> None:
    """This package may not know them."""
    assert words(answer_shape.Report, "trigger") == tuple(kind.value for kind in TriggerKind)
    assert words(answer_shape.Watch, "reason") == tuple(reason.value for reason in Reason)


@given(records)
def test_whatever_is_kept_is_answered_as_described(record: Record) -> None:
    """Alone and in a list."""
    for name, answer in (("ChangeDetail", detail_of(record)), ("ChangeList", list_of([record]))):
        validator(name).validate(json.loads(msgspec.json.encode(answer)))


def test_a_report_is_answered_as_described() -> None:
    """With all that there can be in it."""
    problem = Problem(ProblemKind.TIMEOUT, "No answer in time.")
    audience = Audience("orders", (Channel("ops"),))
    deliveries = (Delivery("ops", LEDGER.alerts, 2),)
    verdicts = {"ops": Verdict(Outcome.SENT)}
    tick = Tick(
        Watch(CHANGE, "orders"),
        LEDGER,
        LEDGER,
        LEDGER,
        audience,
        deliveries=deliveries,
        verdicts=verdicts,
        alerts=LEDGER.alerts,
        problem=problem,
    )
    report = make_report(trigger="http", started_at=NOW, duration_seconds=0.1, ticks=[tick])

    validator("Report").validate(report)
    [change] = report["changes"]
    assert (len(change["alerts"]), len(change["deliveries"])) == (2, 1)
    blocked = make_report(trigger="timer", started_at=NOW, duration_seconds=0, problem=problem)
    validator("Report").validate(blocked)


def test_lists_and_trials_are_answered_as_described() -> None:
    """As those make them who stand above."""
    entries = [Entry("inst", None, None, Reason.EXPECTED), Entry("inst", "task", "orders", Reason.CONFIGURED)]
    trials = [Trial("ops", "slack", Verdict(Outcome.REFUSED, "404"), ("It is gone.",))]

    for entry in entries:
        validator("Watch").validate(registering.describe(entry))
    validator("TrialList").validate(trial.describe_all(trials))


names: Final = (
    st.sampled_from(["orders", "", " ", "x" * 100, "x" * 101, "订单"]) | st.none() | st.integers(0, 1)
)
some_ids: Final = st.sampled_from(["inst", "", "a b", "x" * 65, "-"]) | st.none() | st.integers(0, 1)
bodies: Final = st.fixed_dictionaries(
    {}, optional={"instance_id": some_ids, "task_id": some_ids, "name": names, "other": st.none()}
)


@given(bodies)
def test_what_may_be_followed_is_what_is_described(body: dict[str, object]) -> None:
    """Neither more nor less, but for what no pattern can say of a name."""
    schema = DOCUMENT["paths"]["/api/watches"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    shape = Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}})
    try:
        read_wish(Request("POST", "/api/watches", body=json.dumps(body).encode()), "")
    except BadRequestError:
        is_taken = False
    else:
        is_taken = True

    assert shape.is_valid(body) is is_taken


shards: Final = st.sampled_from(["1/8", "8/8", "1/8/9", "x", "", 0, 7, -1, 1.5, None])


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "only": st.none()
            | st.lists(st.sampled_from(["inst/task", "inst", "a/b/c", "/"]), max_size=2)
            | st.just("inst/task"),
            "shard": shards,
            "shards": st.sampled_from([8, 1000, 1001, 0, "8", None]),
            "onyl": st.none(),
        },
    )
)
def test_what_may_be_looked_at_is_described(payload: dict[str, object]) -> None:
    """Whatever is taken is described; that the parts fit together no schema says."""
    try:
        body = msgspec.json.encode(payload)
        read_scope(read_object(Request("POST", "/api/check", body=body), KEYS))
    except (BadRequestError, ValueError):
        return

    assert validator("CheckRequest").is_valid(payload)


def test_what_may_be_asked_for_by_a_body_is_all_described() -> None:
    """Another key is refused, for it may be a misspelt one that narrowed something down."""
    for name in ("CheckRequest", "TrialRequest"):
        assert SCHEMAS[name]["additionalProperties"] is False

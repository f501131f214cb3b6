"""What the events of both platforms are taken for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.chosen import CHANNELS_MAX, Chosen
from handler.core.change import ChangeId
from handler.gateways import Request, Response, write_response
from handler.scope import SHARDS_MAX, Scope
from handler.triggers import Trigger, TriggerKind, read_trigger

EVENTS: Final = Path(__file__).parent / "events"

TIMER: Final = Trigger(TriggerKind.TIMER, Scope())
ONE_SHARD: Final = Trigger(TriggerKind.TIMER, Scope(shard=(1, 1)))
MANUAL: Final = Trigger(TriggerKind.MANUAL, Scope())
NOTHING: Final = Trigger(TriggerKind.HINT)
BY_HAND: Final = MANUAL._replace(is_by_hand=True)
LOOK_THERE: Final = Trigger(TriggerKind.HINT, Scope(instance_id="6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21"))


def foreign(*keys: str) -> Trigger:
    """The event of another trigger, known by these keys."""
    sentence = f"The event is none that Headway knows; it has {', '.join(keys)}."
    return Trigger(TriggerKind.UNRECOGNISED, problem=sentence)


SEEN: Final = {
    "functiongraph-async-destination-failure": foreign("request_context", "request_payload"),
    "functiongraph-cts": NOTHING,
    "functiongraph-cts-change-accepted": LOOK_THERE._replace(
        scope=Scope(instance_id="6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21", expects_change=True)
    ),
    "functiongraph-cts-change-completed": LOOK_THERE,
    "functiongraph-cts-change-failed": LOOK_THERE,
    "functiongraph-cts-change-refused": LOOK_THERE,
    "functiongraph-error": MANUAL,
    "functiongraph-manual-test": MANUAL,
    "functiongraph-response-ok": MANUAL,
    "functiongraph-smn": NOTHING,
    "functiongraph-timer": ONE_SHARD,
    "functiongraph-timer-empty-user-event": TIMER,
    "functiongraph-timer-plain-user-event": TIMER,
    "test-alert": MANUAL._replace(scope=None, trying=Chosen()),
    "test-alert-of-some": MANUAL._replace(scope=None, trying=Chosen(("team", "on-call"))),
    "lambda-async-destination-failure": foreign("requestContext", "requestPayload"),
    "lambda-error": MANUAL,
    "lambda-schedule": TIMER,
    "lambda-scheduler-custom-input": ONE_SHARD,
    "lambda-scheduler-default": TIMER,
}

GET: Final = Request("GET", "/check", query={"dry_run": "1"})
POST: Final = Request("POST", "/check", body=b'{"dry_run": true}')

ASKED: Final = {
    "functiongraph-apig-get": GET,
    "functiongraph-apig-get-path-suffix": GET._replace(path="/sub/path", query={}),
    "functiongraph-apig-post-base64": POST,
    "functiongraph-apig-post-plain-test-event": POST,
    "lambda-alb": GET,
    "lambda-alb-multivalue": GET._replace(wants_lists=True),
    "lambda-apigw-v1": POST,
    "lambda-apigw-v2-http-api": GET._replace(stage_path="/$default"),
    "lambda-url-get": GET._replace(stage_path="/$default"),
    "lambda-url-post": POST._replace(stage_path="/$default"),
    "lambda-url-post-iam-base64": POST._replace(stage_path="/$default", is_vouched_for=True),
}


def load(name: str) -> object:
    """Read a sample event."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def functiongraph_timer(user_event: object) -> dict[str, object]:
    """Make FunctionGraph's timer event with a payload of somebody's."""
    return {"version": "v1.0", "trigger_type": "TIMER", "user_event": user_event}


@pytest.mark.parametrize(("name", "expected"), SEEN.items(), ids=SEEN.keys())
def test_each_sample_event_is_taken_for_what_it_is(name: str, expected: Trigger) -> None:
    """The platforms' own shapes are told apart, and what is not understood says why."""
    assert expected == read_trigger(load(name))


@pytest.mark.parametrize(("name", "expected"), ASKED.items(), ids=ASKED.keys())
def test_each_gateways_request_is_read_alike(name: str, expected: Request) -> None:
    """Whatever the gateway, a request is a request; its headers go by lower-case names."""
    trigger = read_trigger(load(name))

    assert (trigger.kind, trigger.scope, trigger.problem) == (TriggerKind.HTTP, None, None)
    assert trigger.request is not None
    assert trigger.request._replace(headers={}) == expected
    assert trigger.request.headers["user-agent"] == "curl/8.5.0"


AUTHORISER: Final = {"userArn": "arn:aws:iam::1:user/a", "iam": {"userArn": "arn:aws:iam::1:user/a"}}
CALLER: Final = {"userArn": "arn:aws:iam::1:user/a"}
COGNITO: Final = {"userArn": "arn:aws:sts::1:assumed-role/a-role/CognitoIdentityCredentials"}
GUEST: Final = {**CALLER, "cognitoIdentityId": "x", "cognitoAuthenticationType": "unauthenticated"}
HTTP: Final[dict[str, object]] = {"method": "POST"}


@pytest.mark.parametrize(
    ("event", "is_vouched_for"),
    [
        ({"requestContext": {"http": HTTP, "authorizer": {"iam": CALLER}}}, True),
        ({"httpMethod": "POST", "resource": "/", "requestContext": {"identity": CALLER}}, True),
        ({"requestContext": {"http": HTTP, "authorizer": {"jwt": {"claims": CALLER}}}}, False),
        ({"requestContext": {"http": HTTP, "authorizer": {"lambda": CALLER}}}, False),
        ({"requestContext": {"http": HTTP, "authorizer": CALLER}}, False),
        ({"requestContext": {"http": HTTP, "authorizer": {"iam": None}}}, False),
        ({"requestContext": {"http": HTTP, "authorizer": {"iam": {"userArn": ""}}}}, False),
        ({"requestContext": {"http": HTTP, "authorizer": {"iam": {**CALLER, "cognitoIdentity": {}}}}}, True),
        (
            {
                "requestContext": {
                    "http": HTTP,
                    "authorizer": {"iam": {**CALLER, "cognitoIdentity": {"a": 1}}},
                }
            },
            False,
        ),
        ({"requestContext": {"http": HTTP, "authorizer": {"iam": COGNITO}}}, False),
        ({"httpMethod": "POST", "resource": "/", "requestContext": {"identity": COGNITO}}, False),
        ({"requestContext": {"http": HTTP, "identity": CALLER}}, False),
        ({"httpMethod": "POST", "resource": "/", "requestContext": {"identity": GUEST}}, False),
        ({"httpMethod": "POST", "resource": "/", "requestContext": {"authorizer": AUTHORISER}}, False),
        ({"httpMethod": "POST", "requestContext": {"elb": {}, "identity": CALLER}}, False),
        ({"httpMethod": "POST", "requestContext": {"elb": {}, "authorizer": AUTHORISER}}, False),
        ({"httpMethod": "POST", "requestContext": {"identity": CALLER, "authorizer": AUTHORISER}}, False),
    ],
)
def test_only_iam_vouches_for_callers(event: object, *, is_vouched_for: bool) -> None:
    """And only where the gateway has it check: others let in whom somebody else's rules let in."""
    trigger = read_trigger(event)

    assert trigger.request is not None
    assert trigger.request.is_vouched_for is is_vouched_for


@pytest.mark.parametrize("wants_lists", [True, False])
def test_a_load_balancer_that_sends_lists_gets_lists(*, wants_lists: bool) -> None:
    """It ignores headers of the other kind."""
    request = GET._replace(wants_lists=wants_lists)
    answer = write_response(Response(200, {"allow": "GET"}, "x"), request)

    assert answer.get("multiValueHeaders") == ({"allow": ["GET"]} if wants_lists else None)
    assert answer["headers"] == {"allow": "GET"}


def test_no_sample_event_is_left_out() -> None:
    """A sample without a row here would prove nothing."""
    assert {path.stem for path in EVENTS.glob("*.json")} == SEEN.keys() | ASKED.keys()


@pytest.mark.parametrize(
    "event", [{}, {"key": "value"}, {"source": "me"}, {"manual": 1}, {"manual": True, "env": "prod"}]
)
def test_any_other_object_is_somebody_asking(event: object) -> None:
    """The console's test button and the invoke API send just anything; so may a machine, again and again."""
    assert read_trigger(event) == MANUAL


@pytest.mark.parametrize("event", [None, {"manual": True}])
def test_a_person_says_nothing_or_so(event: object) -> None:
    """No machine is set up to do that; an empty object many a schedule sends."""
    assert read_trigger(event) == BY_HAND


@pytest.mark.parametrize("key", ["schedule_arn", "scheduled_time", "execution_id", "attempt_number"])
def test_a_schedule_is_known_by_what_scheduler_fills_in(key: str) -> None:
    """Its custom input has no other mark."""
    assert read_trigger({key: "x", "env": "prod"}) == TIMER


def test_an_event_that_calls_itself_a_timer_is_one() -> None:
    """Whatever else a rule's transformer puts into it."""
    assert read_trigger({"kind": "timer", "detail-type": "Scheduled Event"}) == TIMER


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        ({"Records": [{"eventSource": "aws:s3"}]}, ["Records"]),
        ({"record": []}, ["record"]),
        ({"trigger_type": "KAFKA", "records": []}, ["records", "trigger_type"]),
        ({"lts": {"data": ""}}, ["lts"]),
        ({"specversion": "1.0", "source": "x", "type": "y"}, ["specversion"]),
        ({"source": "aws.health", "detail-type": "AWS Health Event", "detail": {}}, ["detail-type"]),
        ({"source": "lambda", "detail-type": "x", "detail": {"requestPayload": {}}}, ["detail-type"]),
        ({"requestContext": {"connectionId": "x", "eventType": "MESSAGE"}}, ["requestContext"]),
        ({"RequestType": "Create", "ResponseURL": "https://x"}, ["ResponseURL"]),
        ({"awslogs": {"data": "x"}}, ["awslogs"]),
        ({"source": "aws.cloudwatch", "alarmArn": "x", "alarmData": {}}, ["alarmArn", "alarmData"]),
        ({"eventSource": "aws:mq", "messages": {}}, ["eventSource"]),
        ({"ShardID": "x", "Message": {}, "StreamName": "x"}, ["ShardID"]),
        ({"resource": "x", "event": "x", "notify_data": {}}, ["notify_data"]),
        ({"raw_path": "/api/check", "method": "POST", "headers": {}}, ["raw_path"]),
    ],
)
def test_the_events_of_other_triggers_are_not_recognised(event: object, keys: list[str]) -> None:
    """A function that is wired to the wrong thing says so, rather than look whenever a file is put."""
    assert read_trigger(event) == foreign(*keys)


@pytest.mark.parametrize("event", ["text", 1, 1.5, True, [], [{}]])
def test_what_is_no_object_is_not_recognised(event: object) -> None:
    """The invoke API takes any JSON value; only an object can ask for something."""
    expected = Trigger(TriggerKind.UNRECOGNISED, problem="The event is no JSON object.")

    assert expected == read_trigger(event)


def trace(**fields: object) -> dict[str, object]:
    """Make a CTS trace of a change that has ended."""
    return {
        "trace_id": "00000000-1111-2222-3333-444444444444",
        "trace_name": "extendDMSInstanceTaskSuccess",
        "service_type": "DMS",
        "resource_type": "kafka",
        "resource_id": "inst-1",
        **fields,
    }


def smn(message: object) -> dict[str, object]:
    """Make the event of an SMN message."""
    return {"record": [{"event_source": "smn", "smn": {"message": message}}]}


@pytest.mark.parametrize(
    "wrap",
    [dict, lambda t: {"cts": t}, lambda t: smn(json.dumps({"cts": t}))],
    ids=["bare", "enveloped", "smn"],
)
def test_a_trace_of_a_kafka_instance_is_a_hint_to_look_at_it(
    wrap: Callable[[object], dict[str, object]],
) -> None:
    """CTS events arrive in their envelope, without it, and through SMN."""
    assert read_trigger(wrap(trace())) == Trigger(TriggerKind.HINT, Scope(instance_id="inst-1"))


@pytest.mark.parametrize(
    ("name", "expects_change"),
    [
        ("extendDMSInstanceSuccess", True),
        ("extendDMSInstanceFailure", False),
        ("extendDMSInstanceTaskSuccess", False),
        ("extendDMSInstanceTaskFailure", False),
        ("extenddmsinstancesuccess", False),
        ("restartDMSInstanceSuccess", False),
        ("", False),
        (None, False),
        (["extendDMSInstanceSuccess"], False),
    ],
)
def test_only_the_order_of_a_change_lets_one_expect_it(name: object, *, expects_change: bool) -> None:
    """How one ended is not believed from a trace, which only says that it is time to look."""
    expected = Trigger(TriggerKind.HINT, Scope(instance_id="inst-1", expects_change=expects_change))

    for event in (trace(trace_name=name), {"cts": trace(trace_name=name)}):
        assert read_trigger(event) == expected
    assert read_trigger(smn(json.dumps({"cts": trace(trace_name=name)}))) == expected


@pytest.mark.parametrize("resource_type", ["rabbitmq", "rocketmq", "KAFKA", None])
def test_the_order_of_something_else_lets_nobody_expect_a_change(resource_type: object) -> None:
    """DMS has other engines, which are ordered alike."""
    order = trace(trace_name="extendDMSInstanceSuccess", resource_type=resource_type)

    assert read_trigger({"cts": order}) == NOTHING


@pytest.mark.parametrize("payload", [{"expects_change": True}, {"kind": "timer", "expects_change": True}])
def test_a_payload_cannot_let_one_expect_a_change(payload: dict[str, object]) -> None:
    """Of which instance it would not say."""
    trigger = read_trigger(functiongraph_timer(json.dumps(payload)))

    assert trigger.scope == Scope()


@pytest.mark.parametrize(
    "fields",
    [{"resource_type": "rabbitmq"}, {"resource_type": None}, {"resource_id": "a/b"}, {"resource_id": 5}],
)
def test_a_trace_of_anything_else_is_a_hint_at_nothing(fields: dict[str, object]) -> None:
    """To look at everything would cost requests for each click of somebody's."""
    assert read_trigger({"cts": trace(**fields)}) == NOTHING


@pytest.mark.parametrize("message", ["note", "", "{", "[1]", "{}", '{"a": 1}', None, 5, {}])
def test_an_smn_message_that_asks_for_nothing_gets_nothing(message: object) -> None:
    """Our own alerts, and the notices of failed invocations, can come this way."""
    assert read_trigger(smn(message)) == NOTHING


def test_an_smn_message_can_ask_for_changes() -> None:
    """As a timer's payload does, which may ask for all of them."""
    assert read_trigger(smn('{"kind": "timer"}')) == Trigger(TriggerKind.HINT, Scope())
    expected = Trigger(TriggerKind.HINT, Scope(only=(ChangeId("i", "t"),), shard=(1, 2)))

    assert read_trigger(smn('{"only": ["i/t"], "shard": "1/2"}')) == expected


@pytest.mark.parametrize(
    ("payload", "shard"),
    [
        ({"shard": "2/8"}, (2, 8)),
        ({"shard": "1/1"}, (1, 1)),
        ({"shard": 0, "shards": 4}, (1, 4)),
        ({"shard": 3, "shards": 4}, (4, 4)),
        ({"kind": "timer"}, None),
        ({"kind": "timer", "shard": None}, None),
    ],
)
def test_a_timer_may_ask_for_a_part_of_all_changes(
    payload: dict[str, object], shard: tuple[int, int] | None
) -> None:
    """Both ways to write a shard mean the same on both platforms."""
    expected = Trigger(TriggerKind.TIMER, Scope(shard=shard))

    assert expected == read_trigger(payload)
    assert expected == read_trigger(functiongraph_timer(json.dumps(payload)))
    assert expected == read_trigger(functiongraph_timer(payload))


def test_a_timer_may_ask_for_certain_changes_only() -> None:
    """`only` names changes as everything else does."""
    changes = (ChangeId("instance-1", "task-1"), ChangeId("instance-1", "task-2"))

    assert read_trigger({"only": ["instance-1/task-1", "instance-1/task-2"]}).scope == Scope(only=changes)


@pytest.mark.parametrize(
    "shard",
    [
        {"shard": "0/8"},
        {"shard": "9/8"},
        {"shard": "1/0"},
        {"shard": "-1/-1"},
        {"shard": "2"},
        {"shard": "2/8/9"},
        {"shard": "²/8"},
        {"shard": ""},
        {"shard": 2},
        {"shard": True, "shards": 2},
        {"shard": 2, "shards": 2},
        {"shard": -1, "shards": 2},
        {"shard": "0", "shards": 2},
        {"shards": 2},
        {"shard": {}, "shards": []},
        {"shard": f"1/{SHARDS_MAX + 1}"},
    ],
)
def test_a_shard_that_is_none_is_a_problem_and_not_everything(shard: dict[str, object]) -> None:
    """A timer with a slip in its payload must not begin to watch what others watch."""
    trigger = read_trigger(shard)

    assert (trigger.kind, trigger.scope) == (TriggerKind.TIMER, None)
    assert trigger.problem is not None
    assert trigger.problem.startswith("`shard` wants")


@pytest.mark.parametrize("only", ["a/b", {}, [], [1], [None], ["a"], ["a/b", "a/../b"], 3])
def test_changes_that_are_none_are_a_problem_and_not_everything(only: object) -> None:
    """What `only` names must be changes."""
    expected = Trigger(
        TriggerKind.TIMER,
        problem='`only` wants a list of changes by their ids, such as ["INSTANCE/TASK"].',
    )

    assert expected == read_trigger({"only": only})


@pytest.mark.parametrize("text", ["{", '{"shard": "2/8"', " {x}", '{"a": "\ud800"}', '{"a":' * 9999])
def test_json_with_a_slip_in_a_user_event_is_a_problem(text: str) -> None:
    """It was meant to say something, other than plain text."""
    expected = Trigger(TriggerKind.TIMER, problem="`user_event` begins like a JSON object and is none.")

    assert expected == read_trigger(functiongraph_timer(text))


@pytest.mark.parametrize("text", ["", "note", "[1]", "null", "2/8", None, 5])
def test_a_user_event_that_is_no_object_is_a_note(text: object) -> None:
    """Plain text in a timer is for people; it asks for nothing."""
    assert read_trigger(functiongraph_timer(text)) == TIMER


WRONG_NAMES: Final = "`test_alert` wants a list of 1 to 100 names; say true, and all channels are tried."
NO_NAME: Final = (
    "`test_alert`: {} is no channel's name, which has at most 100 lower-case letters, digits, '-' and '_'."
)
NOT_ALONE: Final = "`test_alert` has to be all that an event asks for."


def refused(sentence: str) -> Trigger:
    """An event of somebody's that cannot be obeyed."""
    return Trigger(TriggerKind.MANUAL, problem=sentence)


@pytest.mark.parametrize(
    "wanted",
    [
        *(False, None, 1, "team", {}, [], [1], ["team", None], {"channels": ["team"]}),
        ["team"] * (CHANNELS_MAX + 1),
    ],
)
def test_channels_to_try_that_are_none_are_a_problem_and_not_all_of_them(wanted: object) -> None:
    """A slip must not send a message to everybody, nor have the changes looked at."""
    assert read_trigger({"test_alert": wanted}) == refused(WRONG_NAMES)


@pytest.mark.parametrize("name", ["Team", "T" * 40, "to the team", "team-2.x"])
def test_a_channel_to_try_has_to_have_a_channels_name(name: str) -> None:
    """As in a request."""
    assert read_trigger({"test_alert": ["team", name]}) == refused(NO_NAME.format(f"`{name}`"))


@pytest.mark.parametrize(
    "name", ["slack://T0KEN/B/C", "ops@example.com", "T" * 41, "t" * 101, "T" * 5000, "team\n", "", "团队"]
)
def test_what_is_no_name_at_all_is_not_given_back(name: str) -> None:
    """It may be a channel's URL, and goes into the log, the answer and a queue of failures."""
    assert read_trigger({"test_alert": ["team", name]}) == refused(NO_NAME.format("an odd name"))


@pytest.mark.parametrize("more", [{"manual": True}, {"key": "value"}, {"channels": ["team"]}])
def test_a_test_alert_is_asked_for_alone(more: dict[str, object]) -> None:
    """What else the event may mean, somebody has mixed it up."""
    assert read_trigger({"test_alert": True, **more}) == refused(NOT_ALONE)


@pytest.mark.parametrize(
    "more",
    [
        *({"kind": "timer"}, {"shard": "1/2"}, {"only": ["a/b"]}, {"schedule_arn": "x"}),
        *({"source": "aws.scheduler"}, {"source": "aws.events"}),
    ],
)
def test_a_timer_cannot_ask_for_test_alerts(more: dict[str, object]) -> None:
    """It would send a message each minute."""
    problem = "`test_alert` is for people to ask for: a timer would send a message each time."

    assert read_trigger({"test_alert": True, **more}) == Trigger(TriggerKind.TIMER, problem=problem)
    for payload in ({"test_alert": True}, {"test_alert": False}, {"test_alert": ["team"], **more}):
        expected = Trigger(TriggerKind.TIMER, problem=problem)
        assert read_trigger(functiongraph_timer(json.dumps(payload))) == expected
        assert read_trigger(functiongraph_timer(payload)) == expected
    assert read_trigger(smn(json.dumps({"test_alert": True, "kind": "timer"}))).problem == problem


def test_the_events_of_other_triggers_cannot_ask_for_test_alerts() -> None:
    """Among them are the notices of failed invocations, which hold the event that failed."""
    assert read_trigger({"test_alert": True, "requestPayload": {}}) == foreign("requestPayload")
    assert read_trigger(smn('{"test_alert": true}')) == NOTHING


JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KNOWN_KEYS: Final = st.sampled_from(
    [
        *("trigger_type", "user_event", "requestContext", "httpMethod", "source", "cts"),
        *(
            "trace_id",
            "trace_name",
            "resource_type",
            "resource_id",
            "record",
            "kind",
            "only",
            "shard",
            "shards",
            "resource",
            "test_alert",
        ),
        *("headers", "multiValueHeaders", "path", "rawPath", "body", "isBase64Encoded", "pathParameters"),
        *("rawQueryString", "queryStringParameters", "multiValueQueryStringParameters"),
    ]
)
KNOWN_VALUES: Final = st.sampled_from(
    [
        *("TIMER", "timer", "aws.events", "1/2", "{}", {"elb": {}}, {"http": {}}, {"http": 1}, True),
        *("kafka", "inst-1", "extendDMSInstanceSuccess"),
        *({"A": ["b", 1]}, {"a": []}, {"": "x"}, {"authorizer": {"iam": 3}, "http": {}}),
        *("a=1&a=%ff&=&b", "&&;%", {"%41+": "%"}),
    ]
)


@given(JSON_VALUES | st.dictionaries(KNOWN_KEYS, JSON_VALUES | KNOWN_VALUES))
def test_no_event_is_too_odd_to_be_read(event: object) -> None:
    """Whatever arrives, there is an answer, a shard in it is possible, and what is expected has a place."""
    trigger = read_trigger(event)

    assert isinstance(trigger.kind, TriggerKind)
    shard = trigger.scope.shard if trigger.scope else None
    assert trigger.scope is None or trigger.scope.instance_id or not trigger.scope.expects_change
    assert shard is None or 1 <= shard[0] <= shard[1] <= SHARDS_MAX
    assert (trigger.kind is TriggerKind.HTTP) == (trigger.request is not None)
    assert trigger.trying is None or trigger._replace(trying=None) == Trigger(TriggerKind.MANUAL)
    if trigger.request:
        assert all(isinstance(text, str) for parameter in trigger.request.query.items() for text in parameter)
        assert isinstance(json.dumps(write_response(Response(200, {"a": "b"}, ""), trigger.request)), str)
    assert (trigger.kind is TriggerKind.UNRECOGNISED) <= (trigger.problem is not None)

"""All that a letter can be about: a message of each kind, the largest there can be, and whatever comes."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from notifiers.alerts import Kind
from notifiers.messages import Content, Link, Message, Place, StepLine, compose, digest
from notifiers.operations import Order, Specification
from tests.notifiers import examples
from tests.notifiers.examples import LINKS, NOW, OVERVIEW, alert, many_steps, situation, told_of

QUOTES: Final = '"\\' * 100
"""Twice as long where it has to be escaped."""

LONG_LINK: Final = Link(Place.STATUS_PAGE, f"https://headway.example.com/{'x' * 3000}")

# One example a test shares its server with all the others.
ON_ONE_SERVER: Final = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def of_kind(kind: Kind) -> Message:
    """A message with one alert of this kind, and everything beside it."""
    one = alert(
        3,
        kind,
        percent=40,
        step="rolling_scaling" if kind.value.startswith("step") else None,
        step_seconds=250 if kind in {Kind.STEP_COMPLETED, Kind.STEP_FAILED} else None,
        seconds=1800,
        channel="other" if kind in {Kind.CHANNEL_REFUSED, Kind.REMINDER} else None,
        reminds_of=Kind.FAILED if kind is Kind.REMINDER else None,
    )
    return compose(
        [one],
        situation(
            percent=40,
            remaining_seconds=1124,
            steps=(*many_steps(4, 2), StepLine("odd", "unknown", "PAUSED", 7)),
            links=LINKS,
            seen_at=NOW,
            order=Order("alice", NOW, (("new_storage_space", "600"),)),
            specification=Specification("c6.2u4g.cluster", 3, 300),
            specification_now=Specification("c6.4u8g.cluster", 6, 600),
        ),
        0,
    )


def largest(text: str) -> Message:
    """Two hundred alerts and a hundred steps, each with a text of this sort wherever one can stand."""
    alerts = [alert(n, Kind.STEP_FAILED, step=text, detail=text, step_seconds=9) for n in range(1, 201)]
    steps = tuple(StepLine(f"{text}{n}", "unknown", text, n) for n in range(100))
    order = Order(text, NOW, tuple((f"{n}{text}", text) for n in range(8)))
    state = situation(name=text, percent=7, steps=steps, links=(LONG_LINK, LINKS[1]), order=order)
    return compose(alerts, state, 0)


def largest_digest(text: str) -> Content:
    """Five hundred changes with such a text in each."""
    told = [told_of(f"{text}{n}", Kind.STEP_FAILED, f"T{n}", step=text, detail=text) for n in range(500)]
    return digest(told, OVERVIEW)


EXAMPLES: Final[dict[str, Content]] = {
    **{kind.value: of_kind(kind) for kind in Kind},
    "step": examples.step_message(),
    "mixed": examples.failed_message(),
    "end": examples.completed_message(),
    "outage": examples.unreachable_message(),
    "bare": compose([alert(1, Kind.STARTED)], situation(phase="unknown"), 0),
    "hostile": examples.hostile_message(),
    "digest": examples.fleet_digest(),
    "hostile_digest": examples.hostile_digest(),
    **{
        f"largest_{n}": largest(text) for n, text in enumerate(("x" * 200, "很长" * 100, QUOTES, "🙂&<" * 60))
    },
    **{f"digest_{n}": largest_digest(text) for n, text in enumerate(("x" * 80, "很长" * 40, QUOTES))},
}

# The largest take long, and what fits does not hang on the words around it: they come in one language each.
_ONLY_IN: Final = {
    "largest_0": "en",
    "largest_1": "zh",
    "largest_2": "en",
    "largest_3": "zh",
    "digest_0": "zh",
    "digest_1": "en",
    "digest_2": "zh",
}
LANGUAGES_OF: Final = {name: (_ONLY_IN[name],) if name in _ONLY_IN else ("en", "zh") for name in EXAMPLES}
"""In which languages an example is told."""

TOLD: Final = [(name, language) for name, languages in LANGUAGES_OF.items() for language in languages]
"""Each example in each of its languages."""

_TEXTS: Final = st.text(max_size=300) | st.sampled_from(
    [
        "<!channel>",
        "<@U1|x>",
        "@everyone",
        "@here",
        "<@&1>",
        "**b**",
        "[a](https://e.example)",
        "</b>",
        "/stop",
        "#x",
    ]
)
_SITUATIONS: Final = st.builds(
    situation,
    name=_TEXTS,
    percent=st.none() | st.integers(0, 100),
    remaining_seconds=st.none() | st.integers(0, 10**7),
    steps=st.lists(
        st.builds(
            StepLine,
            _TEXTS,
            st.sampled_from(["waiting", "running", "completed", "failed", "unknown"]),
            st.none() | _TEXTS,
            st.none() | st.integers(0, 10**6),
        ),
        max_size=12,
    ).map(tuple),
    links=st.sampled_from([(), LINKS, LINKS[1:], (LONG_LINK,)]),
    seen_at=st.sampled_from([None, NOW]),
)
_ALERTS: Final = st.lists(
    st.builds(
        alert,
        st.integers(1, 200),
        st.sampled_from(Kind),
        minutes_ago=st.integers(0, 600),
        step=st.none() | _TEXTS,
        detail=st.none() | _TEXTS,
        seconds=st.none() | st.integers(0, 10**7),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.number,
)
_MESSAGES: Final = st.builds(compose, _ALERTS, _SITUATIONS, st.integers(0, 200))

CONTENTS: Final[st.SearchStrategy[Content]] = _MESSAGES | st.lists(_MESSAGES, min_size=1, max_size=5).map(
    lambda messages: digest(messages, OVERVIEW)
)
"""Any message or digest, its texts anything, or what services could take for markup or a mention."""

"""The messages about a change that never was: one for each kind, a digest, and what tries a channel."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from notifiers.alerts import Group, Kind
from notifiers.forms import MAIL_TEXT
from notifiers.languages import CHINESE, ENGLISH
from notifiers.messages import Link
from notifiers.rendering import write
from notifiers.samples import NOW, sample, sample_digest
from notifiers.samples import trial_message as make_test_message
from notifiers.saying import Reader
from notifiers.titles import title

FOREIGN: Final = {
    *("orders", "lin.mei", "kafka.", "u", "g.cluster", "ops-slack", "invalid_token"),
    *("oper_type", "storage", "new_storage_space", "GB", "Asia", "Shanghai"),
    *("API", "DMS", "HTTP", "APIGW.", "ID", "f", "ce", "b", "d", "c", "a", "Headway"),
}
"""What nobody translates: names, settings, units, codes, and the pieces of ids between digits."""


@pytest.mark.parametrize("kind", Kind)
def test_there_is_a_sample_of_every_kind(kind: Kind) -> None:
    """With all that a message can show: four steps, an order, a specification, both links."""
    message = sample(kind)
    situation = message.situation

    assert [alert.kind for alert in message.alerts] == [kind]
    assert not message.is_test
    assert len(situation.steps) == 4
    assert situation.order is not None
    assert situation.order.ordered_at is not None
    assert situation.order.parameters
    assert situation.specification is not None
    assert len(situation.links) == 2
    assert (situation.phase == "running") is (Group.END not in kind.traits.groups)
    assert (situation.done_at is None) is (Group.END in kind.traits.groups)


@pytest.mark.parametrize("kind", Kind)
def test_a_sample_leaves_nothing_unknown(kind: Kind) -> None:
    """In no language does its title say that something is not known, but what has got lost."""
    for language in (ENGLISH, CHINESE):
        said = title(sample(kind), Reader(language))

        assert language.some_time not in said
        assert language.a_step not in said
        assert "orders" in said


@pytest.mark.parametrize("kind", Kind)
def test_in_chinese_a_sample_is_chinese(kind: Kind) -> None:
    """What is left in Latin letters are names, ids, units and codes; no sentence of ours is in English."""
    letter = write(sample(kind), Reader(CHINESE, ZoneInfo("Asia/Shanghai")), MAIL_TEXT)
    told = re.sub(r"https?://\S+", "", f"{letter.title}\n{letter.body}")

    assert set(re.findall(r"[A-Za-z][A-Za-z_.\-]*", told)) <= FOREIGN


def test_a_sample_is_of_the_time_that_is_asked_for() -> None:
    """All of its moments move together."""
    later = sample(Kind.STEP_COMPLETED, NOW + timedelta(days=3))

    assert later.headline.raised_at - sample(Kind.STEP_COMPLETED).headline.raised_at == timedelta(days=3)
    assert later.situation.order is not None
    assert later.situation.order.ordered_at == NOW + timedelta(days=3, seconds=-1245)


@pytest.mark.parametrize("kind", Kind)
def test_the_times_of_a_sample_fit_together(kind: Kind) -> None:
    """It was ordered before its steps, took at its end as long as is said, and was seen before it was not."""
    message = sample(kind)
    alert, situation = message.headline, message.situation
    assert situation.order is not None
    assert situation.order.ordered_at is not None
    assert situation.seen_at is not None
    since_order = round((NOW - situation.order.ordered_at).total_seconds())
    at_work = sum(step.seconds or 0 for step in situation.steps)

    assert at_work + (alert.step_seconds or 0 if kind is Kind.STEP_FAILED else 0) <= since_order
    if kind in {Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED}:
        assert since_order == alert.seconds
    if kind is Kind.UNREACHABLE:
        assert NOW - situation.seen_at == timedelta(seconds=alert.seconds or 0)
    else:
        assert situation.seen_at == NOW


def test_at_the_end_the_sample_has_grown() -> None:
    """From 300 to 600 GB."""
    completed = sample(Kind.COMPLETED).situation

    assert completed.specification is not None
    assert completed.specification_now is not None
    assert (completed.specification.storage_gb, completed.specification_now.storage_gb) == (300, 600)
    assert {step.state for step in completed.steps} == {"completed"}
    assert [step.state for step in sample(Kind.FAILED).situation.steps] == [
        "completed",
        "completed",
        "failed",
        "waiting",
    ]


def test_the_sample_of_a_digest_tells_good_and_bad() -> None:
    """Each change with a page of its own."""
    whole = sample_digest()

    assert [message.situation.name for message in whole.messages] == ["billing", "orders", "search"]
    assert len({message.situation.links[0] for message in whole.messages}) == 3
    assert isinstance(whole.links[0], Link)
    assert not whole.is_test


def test_a_channels_test_says_that_it_is_one() -> None:
    """And of which channel."""
    message = make_test_message("ops", NOW)

    assert message.is_test
    assert message.headline.channel == "ops"
    assert message.headline.raised_at == NOW

"""Which URLs can be used, and what is said of those that cannot."""

from __future__ import annotations

from typing import Final

import pytest

from notifiers.apprise_channel import AppriseChannel, ChannelError

TOKEN: Final = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
SLACK: Final = f"slack://{TOKEN}"

TWO_TARGETS: Final = (
    "Channel ops has 2 targets in its url; write one channel for each target, each with its own name and url,"
    " so that each is told once."
)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Channel ops needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C."),
        (
            "hooks.slack.com/services/a/b/SECRET",
            "Channel ops needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C.",
        ),
        (f"{SLACK} json://SECRET", "Channel ops needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C."),
        (f"{SLACK}, json://SECRET", "Channel ops needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C."),
        ("slak://SECRET", "Channel ops names a service that does not exist: slak://."),
        ("slack://SECRET", "Channel ops has a url that the service slack:// does not understand."),
        ("wecombot://SECRET!!", "Channel ops has a url that the service wecombot:// does not understand."),
        ("tgram://SECRET", "Channel ops has a url that the service tgram:// does not understand."),
        ("json://", "Channel ops has a url that the service json:// does not understand."),
        ("twilio://SECRET", "Channel ops has a url that the service twilio:// does not understand."),
        ("gnome://SECRET[x", "Channel ops has a url that the service gnome:// does not understand."),
        (
            "twitter://KEY/SECRET/KEY/SECRET/TARGETx_\u00e9",
            "Channel ops has a url that the service twitter:// does not understand.",
        ),
        ("dbus://", "Channel ops needs a library for dbus:// that is not installed."),
        ("https://example.com/SECRET", "Channel ops has a web address that no service knows as its own."),
        ("mailto://a:SECRET@example.com?pgp=encrypt", "Channel ops asks for PGP, which is not supported."),
        (
            f"{SLACK}/ops/dev",
            TWO_TARGETS,
        ),
        (
            "mailto://a:SECRET@example.com?to=b@example.com,c@example.com",
            TWO_TARGETS,
        ),
    ],
)
def test_a_url_that_cannot_be_used_is_an_error_without_secrets(url: str, sentence: str) -> None:
    """The sentence names the channel and at most the scheme, and so does whatever caused it."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", url)

    assert str(caught.value) == sentence
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_one_target_of_a_service_with_several_is_fine() -> None:
    """Retries asked for in the URL are not counted as targets."""
    AppriseChannel("ops", f"{SLACK}/%23ops?retry=2")
    AppriseChannel("ops", f"{SLACK}/#ops")
    AppriseChannel("ops", "mailto://a:b@example.com?to=c@example.com&cc=d@example.com,e@example.com")


def test_a_channel_shows_its_name_alone() -> None:
    """A representation ends up in logs."""
    assert repr(AppriseChannel("ops", SLACK)) == "AppriseChannel('ops')"

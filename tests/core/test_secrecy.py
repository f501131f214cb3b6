"""What may be a secret among the parameters of a task, by its name or by how it looks."""

from __future__ import annotations

import string
import time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.secrecy import hints_at_secret, may_be_secret

ANYWHERE: Final = [
    *("password", "passwd", "passwords", "passphrase", "passcode", "pwd", "psw", "pswd"),
    *("secret", "secrets", "token", "tokens", "credential", "credentials", "private", "authorization"),
    *("accesskey", "access_key", "apikey", "api-key", "authcode", "bearer", "jwt", "hmac", "signature"),
    *("cookie", "keystore", "truststore", "\u5bc6\u7801", "\u53e3\u4ee4", "\u5bc6\u94a5", "\u4ee4\u724c"),
]
"""Such as are found within a word, too."""

AT_THE_END: Final = ["key", "keys", "pass", "pw", "pin", "otp", "pem"]
"""Such as end a word."""

ALONE: Final = ["ak", "sk", "auth", "cert", "certs", "jaas", "salt", "val", "value", "values"]
"""Such as are a word."""

letters = st.text(string.ascii_lowercase, max_size=6)
breaks = st.sampled_from(["_", "-", ".", " ", "/", "1", "\u540d"])
cases = st.sampled_from([str, str.upper, str.title, str.capitalize])


@given(st.sampled_from(ANYWHERE), letters, letters, cases)
def test_some_names_of_secrets_are_found_within_other_words(
    name: str, before: str, after: str, case: type[str]
) -> None:
    """However they are written."""
    assert hints_at_secret(case(f"{before}{name}{after}"))


@given(
    st.sampled_from(AT_THE_END), st.sampled_from(["db", "ssl", "user", "new", "q"]), breaks, letters, cases
)
def test_some_names_of_secrets_are_found_at_the_end_of_other_words(
    name: str, before: str, gap: str, after: str, case: type[str]
) -> None:
    """Also in the middle of a longer name, and where a capital letter ends the word."""
    assert hints_at_secret(case(f"{before}{name}"))
    assert hints_at_secret(case(f"{before}{name}{gap}{after}"))
    assert hints_at_secret(f"{before}{name.upper()}Of{after.title()}")


@given(st.sampled_from([*ANYWHERE, *AT_THE_END, *ALONE]), letters, breaks, breaks, letters, cases)
def test_every_name_of_a_secret_is_found_as_a_word(  # noqa: PLR0913, PLR0917 - all that may stand around it
    name: str, before: str, gap: str, other_gap: str, after: str, case: type[str]
) -> None:
    """Whatever separates it from other words, capital letters included."""
    assert hints_at_secret(case(f"{before}{gap}{name}{other_gap}{after}"))
    assert hints_at_secret(f"{before}{name.title()}")
    assert hints_at_secret(f"{before}{name.upper()}")


def test_letters_of_full_width_hide_nothing() -> None:
    """They are the same letters."""
    assert hints_at_secret("\uff50\uff57\uff44")
    assert may_be_secret("sasl", "alice\uff1ahidden")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("broker", "http://user:hidden@host"),
        ("endpoint", "amqps://:hidden@10.0.0.1:5671/"),
        ("broker", "alice:hidden@host"),
        ("brokers", "10.0.0.1:9092, x://a:hidden@b"),
        ("sasl", "admin:hidden"),
        ("sasl_user", "admin:hidden"),
        ("proxyLogin", "a:h"),
        ("ssl", "-----BEGIN CERTIFICATE-----"),
        ("content", "x -----begin x"),
        ("session", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
        ("settings", "newpwd=hidden"),
        ("settings", "the dbpass is hidden"),
    ],
)
def test_what_looks_like_a_secret_is_one(name: str, value: str) -> None:
    """Whatever it is called."""
    assert may_be_secret(name, value)


@pytest.mark.parametrize(
    "name",
    [
        *("oper_type", "new_storage_space", "new_broker_num", "new_product_id", "publicip_id", "tenant_ips"),
        *("monkey", "keyspace", "task", "risk", "mask", "bypass", "evaluation", "author", "ask", "spin"),
        *("footprint", "temperature", "passive", "validation", "bypass_check", "user_name", "sasl_enabled"),
    ],
)
@pytest.mark.parametrize(
    "value",
    ["kafka", "600", "kafka.2u4g.cluster", "10.0.0.1:9092", "https://host:443/path", "alice@example.com"],
)
def test_what_only_sounds_alike_is_kept(name: str, value: str) -> None:
    """Short words count as whole words or as ends only; a colon alone makes no password."""
    assert may_be_secret(name, value) is (":" in value and name.startswith(("user", "sasl", "author")))


@pytest.mark.parametrize(
    "text", ["eyj-" * 250_000, ":@" * 500_000, "aB" * 500_000, "x:y " * 250_000, "A" * 10**6]
)
def test_a_megabyte_is_judged_at_once(text: str) -> None:
    """No pattern takes more time than the text is long."""
    began_at = time.monotonic()

    may_be_secret(text, text)

    assert time.monotonic() - began_at < 5

"""A secret is seen by whoever asks for it, and by nobody else."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest
from rich.pretty import pretty_repr

from handler.settings import Secret
from notifiers.network import Network

TEXT = "s3cr3t-of-ours"


def test_nothing_prints_it() -> None:
    """However it is printed, and in whatever it stands."""
    secret = Secret(TEXT)
    proxy = Network(f"http://me:{TEXT}@proxy.example")

    for printed in (str, repr, pretty_repr, "{}".format, "{0!r}".format):
        for value in (secret, [secret], {"key": secret}, proxy):
            assert TEXT not in printed(value)


def test_nothing_encodes_it() -> None:
    """A report or an answer that holds one by mistake fails rather than tells."""
    for encode in (msgspec.json.encode, msgspec.to_builtins, json.dumps):
        with pytest.raises(TypeError):
            encode({"key": Secret(TEXT)})


def test_secrets_are_as_equal_as_their_texts() -> None:
    """Settings that hold the same are the same."""
    assert Secret(TEXT) == Secret(TEXT) == copy.copy(Secret(TEXT))
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT
    assert Secret(TEXT).reveal() == TEXT

"""The port through which a service has its requests signed, by the rules of whichever cloud it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class UnsignedRequest(NamedTuple):
    """A request as it will be sent, but for what signing adds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Keys:
    """An access key and its secret, both from a channel's URL, so that neither is ever shown."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


Sign = Callable[[UnsignedRequest, "Keys | None"], Mapping[str, str]]
"""Gives all headers to send a request with; without keys it is signed with those that Headway itself has."""


def sign_nothing(_request: UnsignedRequest, _keys: Keys | None) -> Mapping[str, str]:
    """A `Sign` for what is never sent: it adds nothing."""
    return {}


class SignedService:
    """A service whose requests are signed; mixed into its class, and given `sign` before it sends."""

    sign: Sign

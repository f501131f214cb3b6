"""Traces of CTS: of whose call they tell, and what there is to look at then. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from handler.core.change import check_id
from handler.scope import Scope, Shape

_CHANGE_ACCEPTED: Final = "extendDMSInstanceSuccess"
"""What CTS calls the order of a change; its end is `extendDMSInstanceTaskSuccess` or `…Failure`."""


def find_trace(event: Shape) -> Shape | None:
    """Find the trace of somebody's call in an event, in its envelope or bare."""
    enveloped = event.get("cts")
    if isinstance(enveloped, Mapping):
        return enveloped
    return event if {"trace_id", "trace_name"} <= event.keys() else None


def read_trace(trace: Shape) -> Scope | None:
    """Tell what is to be looked at: a Kafka instance's changes, else nothing.

    How a change ended is not believed from here: the trace only says that it is time to look.

    Source: https://support.huaweicloud.com/intl/en-us/usermanual-kafka/kafka-ug-180418002.html.
    """
    if trace.get("resource_type") != "kafka":
        return None
    try:
        instance_id = check_id(msgspec.convert(trace.get("resource_id"), str))
    except ValueError:
        return None
    return Scope(instance_id=instance_id, expects_change=trace.get("trace_name") == _CHANGE_ACCEPTED)

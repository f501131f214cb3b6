"""All that a language has to provide: a new one fills in every field, and a test finds what a table lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

from notifiers.alerts import Kind
from notifiers.language_code import LanguageCode
from notifiers.messages import Place


class Noun(Enum):
    """What can be counted."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    BROKER = "broker"
    STEP = "step"
    CHANGE = "change"
    OTHER = "other"


class Action(Enum):
    """What the reader has to do."""

    NONE = "none"
    CHECK = "check"
    ACT = "act"


class Fact(Enum):
    """What is said of a change beside its progress."""

    ORDERED_BY = "ordered_by"
    ORDERED_AT = "ordered_at"
    PARAMETERS = "parameters"
    SPECIFICATION = "specification"


class Fault(Enum):
    """What can be wrong with a user's own template, as far as we have words for it."""

    NO_FOLDER = "no_folder"
    UNREADABLE = "unreadable"
    AT_LINE = "at_line"
    NO_JSON = "no_json"
    TOO_LONG = "too_long"
    TOO_SLOW = "too_slow"
    REFUSED = "refused"
    UNDEFINED = "undefined"
    ERROR = "error"


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences with places for what they are about, in braces, which `notifiers.saying.fill` fills in.

    `told` says what a kind of alert tells, `failed` the headlines that begin with that word, `reminders`
    what still stands, by the kind that is reminded of, `news` counts changes of which a kind of alert tells.
    `count` says how many of something there are, `short_units` abbreviate spans of time in lists. `steps`
    are readable names of known steps, `details` sentences of our own that come in English, by that; what
    stands in their places is translated as well.
    """

    code: LanguageCode
    html_code: str
    comma: str
    colon: str
    brackets: str

    count: Callable[[int, Noun], str]
    short_units: Mapping[Noun, str]
    about: str
    some_time: str
    a_step: str

    told: Mapping[Kind, str]
    partly_done: str
    failed_at: str
    completed_in: str
    ended_after: str
    reminders: Mapping[Kind, str]
    reminder: str
    failed_briefly: str

    headline: str
    failed: Mapping[Kind, str]
    step_of: str
    percent: str
    last_seen_at: str
    time_left: str
    done_at: str
    progress_unknown: str
    time_left_unknown: str
    actions: Mapping[Action, str]
    no_cause: str
    repeat: str

    as_of: str
    more: str
    states: Mapping[str, str]
    facts: Mapping[Fact, str]
    places: Mapping[Place, str]

    digest: str
    news: Mapping[Kind, str]

    own_form_broken: str
    own_form_faults: Mapping[Fault, str]
    test: str
    test_note: str

    steps: Mapping[str, str]
    details: Mapping[str, str]

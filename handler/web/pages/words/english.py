"""Pages in English."""

from __future__ import annotations

from typing import Final

from handler.core.observation import Phase, StepState
from handler.core.problem import ProblemKind
from handler.web.pages.words.words import Apology, Matter, Words
from notifiers.verdicts import Outcome

ENGLISH: Final = Words(
    own_name="English",
    choose_language="Language",
    all_changes="All changes",
    refreshing="Refreshes every {span}",
    pause="pause",
    paused="Not refreshing",
    resume="resume",
    tallies={
        Phase.FAILED: "{changes} failed",
        Phase.LOST: "{changes} no longer found",
        Phase.CANCELLED: "{changes} cancelled",
        Phase.RUNNING: "{changes} running",
    },
    nothing_running="Nothing is running",
    nothing_known="Nothing is known to be running",
    failed_lately="Failed within the last day: {changes}",
    key_refused=(
        "Huawei Cloud refused the access key at {time}: please check it. Until it is accepted nothing new is"
        " seen."
    ),
    zone="Times in {zone}",
    groups={
        "running": "Running",
        "unknown": "Not known yet",
        "waiting": "Not running yet",
        "over": "Ended, not yet told to every channel",
        "reminded": "Ended, reminders to come",
        "ended": "Ended or no longer followed",
    },
    left_out="… and {changes} more that Headway follows",
    empty="No changes yet",
    empty_hint=(
        "As soon as Headway follows a change, you can see here how far it is. Name it under watches in the"
        " configuration, let discover find it, or post it to /api/watches."
    ),
    not_followed="No longer followed",
    unreadable="Cannot be read",
    not_looked_yet="Not looked at yet",
    phases={
        Phase.WAITING: "Waiting",
        Phase.RUNNING: "Running",
        Phase.COMPLETED: "Completed",
        Phase.FAILED: "Failed",
        Phase.CANCELLED: "Cancelled",
        Phase.LOST: "No longer found",
        Phase.UNKNOWN: "Unknown",
    },
    states={
        StepState.WAITING: "waiting",
        StepState.RUNNING: "running",
        StepState.COMPLETED: "completed",
        StepState.FAILED: "failed",
        StepState.UNKNOWN: "unknown",
    },
    not_started="not started",
    steps_not_started="{steps} not started",
    last_look="last look {time}",
    moment="at {time}",
    last_seen="Last seen {phase}",
    overdue="was expected around {time}",
    troubles={
        Matter.STEP_FAILED: "{step} has failed",
        Matter.UNREACHABLE: "No usable answer from Huawei Cloud since {time} ({reason})",
        Matter.UNWATCHED: "Nobody has looked since {time}: is the timer running?",
        Matter.STALLED: "No progress since {time}",
        Matter.CHANNEL_REFUSES: "Channel {channel} has refused messages since {time}",
        Matter.CHANNEL_FAILS: "Channel {channel} has taken no message since {time} ({tries} tries)",
    },
    problems={
        ProblemKind.MISCONFIGURED: "misconfigured",
        ProblemKind.THROTTLED: "throttled",
        ProblemKind.UNAUTHORISED: "not authorised",
        ProblemKind.NOT_FOUND: "not found",
        ProblemKind.UNAVAILABLE: "unavailable",
        ProblemKind.MALFORMED: "not understood",
        ProblemKind.TIMEOUT: "timed out",
        ProblemKind.STATE_CONFLICT: "conflict in the state",
        ProblemKind.STATE_UNAVAILABLE: "state unavailable",
    },
    unheard="Channels that have not heard all of it yet: {channels}",
    details="Details",
    instance_id="Instance ID",
    task_id="Task ID",
    followed_since="Followed since",
    console="Open the console",
    steps="Timeline",
    step="Step",
    span="From when to when",
    took="Duration",
    whole="Whole change",
    counted="Of more than 100 steps only the numbers are kept.",
    no_steps="No steps are known yet.",
    estimate="expected",
    now="now",
    progress="Progress over time",
    progress_told="{first} at {start}, {last} at {end}",
    log="What happened",
    no_log="Nothing has been told yet.",
    older="{count} older ones are counted, but no longer kept.",
    given_up="given up on {channels}",
    in_doubt="unknown whether heard by {channels}",
    channels="Channels",
    no_channels="No channel listens to this change.",
    heard="{heard} of {total}",
    heard_all="has heard all",
    pending="{count} still to hear",
    pending_tried="{count} still to hear after {tries} tries",
    sending="being sent now",
    cut_off="a send was cut off at {time}",
    next_try="next try at {time}",
    refusing="messages refused since {time}",
    doubtful="the last may not have arrived",
    absent="not in the configuration since {time}",
    last_attempt="{time} {outcome}",
    outcomes={
        Outcome.SENT: "sent",
        Outcome.RETRY: "not taken",
        Outcome.REFUSED: "refused",
        Outcome.UNKNOWN: "outcome unknown",
    },
    codes={
        "broken-off": "the connection broke off",
        "failed": "no answer from the service",
        "lapsed": "cut off",
        "misconfigured": "settings cannot be used",
        "no-time": "no time left",
        "nothing-sent": "could not be asked",
        "timeout": "no answer in time",
        "unreachable": "no connection",
        "unreadable": "answer not understood",
        "unsendable": "no mail could be made up",
        "unsupported": "not supported by the mail server",
    },
    fault="a fault of Headway's",
    apologies={
        401: Apology("Please sign in", "The token of this Headway lets you in."),
        400: Apology(
            "Not understood", "Something in the address is wrong; leave out what follows the question mark."
        ),
        404: Apology("Nothing here", "There is no such change, or nothing is kept of it any more."),
        503: Apology(
            "Not available right now", "What is kept cannot be read at the moment. Please try again soon."
        ),
        500: Apology("Something went wrong", "The fault is Headway's; its log says more."),
    },
    closed="No http.token is configured, so only those are let in whom the platform knows.",
    credential="Token",
    sign_in="Sign in",
    sign_in_failed="That is not the token.",
)

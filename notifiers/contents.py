"""Whatever is sent as one, a message or a digest, as the services that take text get it."""

from __future__ import annotations

from notifiers import digests, forms, wording
from notifiers.messages import Content, Digest


def title(content: Content) -> str:
    """Say it all in one line."""
    return digests.title(content) if isinstance(content, Digest) else wording.title(content)


def plain(content: Content, length_max: int = forms.PLAIN_BYTES_MAX) -> str:
    """The body as plain text, with the title at most so many characters and never too long for WeCom."""
    return (
        digests.plain(content, length_max)
        if isinstance(content, Digest)
        else forms.plain(content, length_max)
    )


def slack(content: Content) -> str:
    """The body as Slack's mrkdwn."""
    return digests.slack(content) if isinstance(content, Digest) else forms.slack(content)

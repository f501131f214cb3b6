"""A mail in two forms: apprise reads the URL, but words no text part and folds subjects as Python does."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formataddr, formatdate, make_msgid
from typing import Any, Final

from apprise.plugins.email.base import NotifyEmail

from notifiers.saying import one_line

_HEADER_LENGTH_MAX: Final = 900


class _WholeSubjects(EmailPolicy):
    """Encodes a subject whole.

    Python's own way to fold one loses or adds spaces where encoded words meet others, and takes what looks
    like an encoded word for one: https://www.rfc-editor.org/rfc/rfc2047#section-5.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - the parent's
        if name.lower() != "subject":
            return super().header_store_parse(name, value)
        return name, Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


_POLICY: Final = _WholeSubjects(linesep="\r\n", cte_type="7bit")


def make_mail(plugin: NotifyEmail, subject: str, text: str, html: str) -> EmailMessage:
    """Write a mail in two forms, the best last, from and to whom the URL says.

    The text opens with the subject: where it is quoted or stands in a ticket, it has no other.
    """
    mail = EmailMessage(_POLICY)
    mail["Subject"] = subject
    mail["From"] = _address(plugin, str(plugin.from_addr[1]))
    mail["To"] = ", ".join(formataddr((str(name or ""), address)) for name, address in plugin.targets)
    for header, addresses in (("Cc", plugin.cc), ("Reply-To", plugin.reply_to)):
        if addresses:
            mail[header] = ", ".join(_address(plugin, address) for address in sorted(addresses))
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=plugin.smtp_host)
    mail["Auto-Submitted"] = "auto-generated"
    for header, value in plugin.headers.items():
        del mail[header]
        mail[header] = one_line(value, _HEADER_LENGTH_MAX)
    mail.set_content(text if text == subject else f"{subject}\n\n{text}")
    mail.add_alternative(html, subtype="html")
    return mail


def _address(plugin: NotifyEmail, address: str) -> str:
    return formataddr((str(plugin.names.get(address) or ""), address))

"""What a store's refusal means, in words that help; of the answer only status and code are shown.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
https://support.huaweicloud.com/api-obs/obs_04_0115.html (read November 2026)
"""

from __future__ import annotations

from handler.stores.answer import Answer

_OTHER_REGION = "the bucket is in another region"
# By the store's code, or else by status.
_MEANINGS = {
    "301": _OTHER_REGION,
    "307": _OTHER_REGION,
    "403": "the permission {permission} may be missing",
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "BadDigest": "what arrived is not what was sent",
    "ExpiredToken": "the session token of the credentials has expired",
    "InvalidAccessKeyId": "this access key does not exist",
    "InvalidToken": "the session token does not belong to the access key",
    "NoSuchBucket": "there is no such bucket",
    "RequestTimeTooSkewed": "the clock of this machine is wrong by more than 15 minutes",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "VirtualHostDomainRequired": "the endpoint is not one of OBS",
}


def explain(answer: Answer, permission: str) -> str:
    """Say what was answered and what to do about it; `permission` is what may be missing on 403."""
    status, code = str(answer.status), answer.code
    said = f"answered {status} {code}" if code else f"answered {status}"
    meaning = _MEANINGS.get(code or status) or _MEANINGS.get(status)
    because = f": {meaning.format(permission=permission)}" if meaning else ""
    return f"{said}{because}."

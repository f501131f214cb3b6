"""What a store's refusal means, in a sentence that helps; of the answer only status and code are shown.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (read November 2026)
"""

from __future__ import annotations

import re

from handler.stores.bucket import Bucket
from handler.stores.port import StateUnavailableError
from handler.transport import Response

_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")
_OTHER_REGION = "the bucket is not in the region that `state` names"
# By S3's code, or else by status.
_MEANINGS = {
    "301": _OTHER_REGION,
    "307": _OTHER_REGION,
    "403": "the permission {permission} may be missing",
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "ExpiredToken": "the session token of the credentials has expired",
    "InvalidAccessKeyId": "this access key does not exist",
    "InvalidToken": "the session token does not belong to the access key",
    "NoSuchBucket": "there is no such bucket",
    "RequestTimeTooSkewed": "the clock of this machine is wrong by more than 15 minutes",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
}


def error_code(answer: Response) -> str | None:
    """What S3 calls the trouble, if it says so."""
    found = _CODE.search(answer.body)
    return found[1].decode() if found else None


def refusal(bucket: Bucket, answer: Response, permission: str) -> StateUnavailableError:
    """Word an answer that is neither yes nor conflict; `permission` is what may be missing on 403."""
    status, code = str(answer.status), error_code(answer)
    said = f"{bucket} answered {status} {code}" if code else f"{bucket} answered {status}"
    meaning = _MEANINGS.get(code or status) or _MEANINGS.get(status)
    because = f": {meaning.format(permission=permission)}" if meaning else ""
    return StateUnavailableError(f"{said}{because}.")

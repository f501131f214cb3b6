"""The process that moto runs in: moto's server, mended where it stands in the way of a deployment."""

from __future__ import annotations

import gc
import sys
from unittest.mock import MagicMock, patch

# API Gateway imports a validator that only the import of a REST API uses.
for name in ("", ".validation", ".validation.exceptions"):
    sys.modules.setdefault(f"openapi_spec_validator{name}", MagicMock())

from moto.iam.access_control import PermissionResult  # noqa: E402 - it imports API Gateway
from moto.s3.models import FakeBucket  # noqa: E402
from moto.server import main  # noqa: E402
from werkzeug.serving import WSGIRequestHandler  # noqa: E402

if __name__ == "__main__":
    # It lives for a minute or two, and nobody reads what it logs of each request.
    gc.disable()
    WSGIRequestHandler.log_request = lambda *_: None  # type: ignore[method-assign]
    # A bucket policy is kept, and not followed: moto knows no conditions, and would always deny.
    with patch.object(FakeBucket, "get_permission", return_value=PermissionResult.NEUTRAL):
        main(sys.argv[1:])

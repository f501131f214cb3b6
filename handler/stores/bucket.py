"""Where a bucket is: its address in both styles, and what is wrong with it before anything is sent."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import msgspec

from handler.hosts import BUCKET_NAME, is_ip, is_loopback
from handler.stores.dialect import S3, Dialect
from handler.stores.keys import check_key, check_prefix, is_prefix

_REGION = re.compile(r"[a-z0-9-]+")


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket, and the prefix under which everything of ours is kept: what `state` says.

    Raises:
        ValueError: It could never work like that; the text continues a sentence about it.
    """

    name: str
    region: str
    prefix: str = ""
    endpoint: str | None = None
    path_style: bool = False
    dialect: Dialect = S3

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        trouble = self._trouble() or _endpoint_trouble(self._server)
        if trouble:
            raise ValueError(trouble)

    def __str__(self) -> str:
        """Call it as `state` does."""
        return f"{self.dialect.scheme}://{self.name}/{self._root}".rstrip("/")

    def url(self, key: str) -> str:
        """The address of a document; a key needs no encoding."""
        return f"{self._base}/{self._root}{check_key(key)}"

    def source(self, key: str) -> str:
        """The document as the source of a copy."""
        return f"/{self.name}/{self._root}{check_key(key)}"

    def list_url(self, prefix: str, marker: str | None) -> str:
        """The address of the listing's first page, or of the one that `marker` stands for."""
        query = {**self.dialect.listing, "prefix": f"{self._root}{check_prefix(prefix)}"}
        if marker:
            query[self.dialect.marker] = marker
        return f"{self._base}/?{urlencode(query, quote_via=quote, safe='')}"

    def key(self, object_name: str) -> str:
        """The key of an object under our prefix."""
        return object_name[len(self._root) :]

    @property
    def _root(self) -> str:
        prefix = self.prefix.strip("/")
        return f"{prefix}/" if prefix else ""

    @property
    def _server(self) -> SplitResult:
        return urlsplit(self.endpoint or self.dialect.endpoint(self.region))

    @property
    def _base(self) -> str:
        server = self._server
        if self.path_style:
            return f"{server.scheme}://{server.netloc}/{self.name}"
        return f"{server.scheme}://{self.name}.{server.netloc}"

    def _trouble(self) -> str | None:
        if not BUCKET_NAME.fullmatch(self.name):
            return "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens"
        if not _REGION.fullmatch(self.region):
            return "a region looks like eu-central-1"
        if not is_prefix(self._root):
            return "the prefix may hold letters, digits, '_', '.', '-' and single slashes only"
        if not self.path_style and self._server.scheme == "https" and "." in self.name:
            return f"no certificate covers a bucket's name with a dot; {self.dialect.without_virtual_host}"
        if not self.path_style and is_ip(self._server.hostname or ""):
            return f"a bucket cannot stand before an IP address; {self.dialect.without_virtual_host}"
        return None


def _endpoint_trouble(server: SplitResult) -> str | None:
    if server.scheme not in {"http", "https"} or not server.hostname:
        return "the endpoint looks like https://s3.example.com"
    if server.username or server.path.strip("/") or server.query or server.fragment:
        return "the endpoint is scheme, host and port only; the bucket is named before it"
    if server.scheme == "http" and not is_loopback(server.hostname):
        return "the endpoint must begin with https://; http:// is for this machine only"
    return None

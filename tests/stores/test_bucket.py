"""Where a bucket is, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from handler.stores.bucket import Bucket
from handler.stores.dialect import OBS
from handler.stores.keys import check_key, is_prefix

ADDRESSES = [
    (Bucket(name="b-1", region="eu-central-1"), "https://b-1.s3.eu-central-1.amazonaws.com/k/t.json"),
    (Bucket(name="b-1", region="cn-north-1"), "https://b-1.s3.cn-north-1.amazonaws.com.cn/k/t.json"),
    (
        Bucket(name="b-1", region="eu-central-1", prefix="team/headway"),
        "https://b-1.s3.eu-central-1.amazonaws.com/team/headway/k/t.json",
    ),
    (
        Bucket(name="b-1", region="eu-central-1", prefix="/headway/"),
        "https://b-1.s3.eu-central-1.amazonaws.com/headway/k/t.json",
    ),
    (
        Bucket(name="my.bucket", region="us-east-1", path_style=True),
        "https://s3.us-east-1.amazonaws.com/my.bucket/k/t.json",
    ),
    (
        Bucket(name="b-1", region="x", endpoint="https://minio.example.com:9000"),
        "https://b-1.minio.example.com:9000/k/t.json",
    ),
    (
        Bucket(name="b-1", region="x", endpoint="https://minio.example.com/", path_style=True, prefix="p"),
        "https://minio.example.com/b-1/p/k/t.json",
    ),
    (
        Bucket(name="b-1", region="x", endpoint="http://127.0.0.1:9000", path_style=True),
        "http://127.0.0.1:9000/b-1/k/t.json",
    ),
    (
        Bucket(name="b-1", region="x", endpoint="http://[::1]:9000", path_style=True),
        "http://[::1]:9000/b-1/k/t.json",
    ),
    (
        Bucket(name="b-1", region="x", endpoint="http://127.9.9.9:9000", path_style=True),
        "http://127.9.9.9:9000/b-1/k/t.json",
    ),
    (Bucket(name="b.1", region="x", endpoint="http://localhost:9000"), "http://b.1.localhost:9000/k/t.json"),
    (
        Bucket(name="b-1", region="cn-north-4", prefix="p", dialect=OBS),
        "https://b-1.obs.cn-north-4.myhuaweicloud.com/p/k/t.json",
    ),
    (
        Bucket(name="b-1", region="eu-west-101", dialect=OBS),
        "https://b-1.obs.eu-west-101.myhuaweicloud.eu/k/t.json",
    ),
    (
        Bucket(name="b-1", region="eu-west-0", endpoint="https://oss.eu-west-0.example.com", dialect=OBS),
        "https://b-1.oss.eu-west-0.example.com/k/t.json",
    ),
]


@pytest.mark.parametrize(("bucket", "address"), ADDRESSES)
def test_a_document_has_an_address(bucket: Bucket, address: str) -> None:
    """In both styles, at AWS and elsewhere, with and without a prefix."""
    assert bucket.url("k/t.json") == address


def test_a_bucket_is_called_as_in_the_setting() -> None:
    """Messages name it as its owner does."""
    assert str(Bucket(name="b-1", region="x", prefix="team/headway/")) == "s3://b-1/team/headway"
    assert str(Bucket(name="b-1", region="x")) == "s3://b-1"
    assert str(Bucket(name="b-1", region="x", prefix="p", dialect=OBS)) == "obs://b-1/p"


TROUBLES = [
    ({"name": "B_1"}, "a bucket's name has"),
    ({"name": "b1/../other"}, "a bucket's name has"),
    ({"name": ""}, "a bucket's name has"),
    ({"name": "my.bucket"}, "no certificate covers a bucket's name with a dot; add path_style=true"),
    ({"region": ""}, "a region looks like"),
    ({"region": "EU Frankfurt"}, "a region looks like"),
    ({"region": "example.com/"}, "a region looks like"),
    ({"prefix": "a//b"}, "the prefix may hold"),
    ({"prefix": "../b"}, "the prefix may hold"),
    ({"prefix": "ü"}, "the prefix may hold"),
    ({"endpoint": "minio.example.com"}, "the endpoint looks like"),
    ({"endpoint": "ftp://minio.example.com"}, "the endpoint looks like"),
    ({"endpoint": "https://"}, "the endpoint looks like"),
    ({"endpoint": "https://user:s3cret@minio.example.com"}, "the endpoint is scheme, host and port only"),
    ({"endpoint": "https://minio.example.com/b-1"}, "the endpoint is scheme, host and port only"),
    ({"endpoint": "https://minio.example.com?s3cret"}, "the endpoint is scheme, host and port only"),
    ({"endpoint": "http://minio.example.com"}, "the endpoint must begin with https://"),
    ({"endpoint": "http://127.0.0.1.example.com"}, "the endpoint must begin with https://"),
    (
        {"endpoint": "http://127.0.0.1:9000"},
        "a bucket cannot stand before an IP address; add path_style=true",
    ),
]


@pytest.mark.parametrize(("changed", "message"), TROUBLES)
def test_a_bucket_that_could_never_work_is_refused(changed: dict[str, str], message: str) -> None:
    """The message says what to write, and quotes no value."""
    settings = {"name": "b-1", "region": "eu-central-1", **changed}
    with pytest.raises(ValueError, match=f"^{message}") as caught:
        Bucket(**settings)  # type: ignore[arg-type]

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "my.bucket"}, "no certificate covers a bucket's name with a dot; OBS has no path style"),
        (
            {"endpoint": "http://127.0.0.1:9000"},
            "a bucket cannot stand before an IP address; OBS has no path style",
        ),
    ],
)
def test_a_bucket_of_obs_must_be_able_to_stand_in_its_host(changed: dict[str, str], message: str) -> None:
    """There is no other style of address to fall back on."""
    settings = {"name": "b-1", "region": "eu-west-101", **changed}
    with pytest.raises(ValueError, match=f"^{message}$"):
        Bucket(**settings, dialect=OBS)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["a", "a/b", "changes/i-1/T_2.json", "a/..b", "a/b..", "...", "a/.hidden"])
def test_a_key_is_taken_as_it_is(key: str) -> None:
    """Dots are fine, as long as no segment is nothing but one or two of them."""
    assert check_key(key) == key


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b", "a/.", "a/..", "active/i-1/"])
def test_what_keys_can_begin_with_is_a_prefix(prefix: str) -> None:
    """The last segment may be unfinished."""
    assert is_prefix(prefix)

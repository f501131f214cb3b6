"""Values kept in AWS: parameters of Systems Manager's Parameter Store, secrets of Secrets Manager.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html (read November 2026)
Deliberately absent: remembering a value. A new one counts from the next invocation on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from handler.aws_calls import AwsCalls, RefusedError, Service

_NAMES_MAX: Final = 10
"""How many parameters one request may ask for."""

_PARAMETERS: Final = Service("ssm", "AmazonSSM.GetParameters", "ssm:GetParameters", "AWS_ENDPOINT_URL_SSM")
_SECRETS: Final = Service(
    "secretsmanager",
    "secretsmanager.GetSecretValue",
    "secretsmanager:GetSecretValue",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
)
_NOT_THERE: Final = "which is not there"

AnswerT = TypeVar("AnswerT")


class _Parameter(msgspec.Struct):
    Name: str
    Value: str
    ARN: str = ""
    Selector: str | None = None

    def names(self) -> tuple[str, str]:
        """What it was asked for by, either of the two; the answer tells its version or label apart."""
        selector = f":{self.Selector.lstrip(':')}" if self.Selector else ""
        return f"{self.Name}{selector}", f"{self.ARN}{selector}"


class _ParametersAnswer(msgspec.Struct):
    Parameters: list[_Parameter]


class _SecretAnswer(msgspec.Struct):
    SecretString: str | None = None


def fetch_values(references: Collection[str], calls: AwsCalls) -> Mapping[str, str | LookupError]:
    """Fetch values by `ssm:NAME` and `secret:NAME`, in as few requests as AWS has it.

    Returns:
        To each its value, or why it cannot be had: that continues a sentence that begins with a key.
    """
    parameters = sorted(reference for reference in references if reference.startswith("ssm:"))
    found: dict[str, str | LookupError] = {}
    for start in range(0, len(parameters), _NAMES_MAX):
        found.update(_parameters(parameters[start : start + _NAMES_MAX], calls))
    for reference in sorted({*references} - {*parameters}):
        found[reference] = _secret(reference, calls)
    return found


def _parameters(references: Sequence[str], calls: AwsCalls) -> Iterator[tuple[str, str | LookupError]]:
    order = {"Names": [*map(_name, references)], "WithDecryption": True}
    try:
        answer = _read(calls.ask(_PARAMETERS, order), _ParametersAnswer)
    except LookupError as error:
        if isinstance(error, RefusedError) and error.is_about_names and len(references) > 1:
            # One that may not be read, or that nothing can be called, keeps back all asked for with it.
            for reference in references:
                yield from _parameters([reference], calls)
        else:
            yield from ((reference, _lacking(reference, str(error))) for reference in references)
        return
    values = {name: each.Value for each in answer.Parameters for name in each.names()}
    for reference in references:
        value = values.get(_name(reference))
        yield reference, _lacking(reference, _NOT_THERE) if value is None else value


def _secret(reference: str, calls: AwsCalls) -> str | LookupError:
    try:
        answer = _read(calls.ask(_SECRETS, {"SecretId": _name(reference)}), _SecretAnswer)
    except RefusedError as error:
        is_there = error.code != "ResourceNotFoundException"
        return _lacking(reference, str(error) if is_there else _NOT_THERE)
    except LookupError as error:
        return _lacking(reference, str(error))
    return answer.SecretString or _lacking(reference, "which holds no text")


def _read(body: bytes, answer_type: type[AnswerT]) -> AnswerT:
    try:
        return msgspec.json.decode(body, type=answer_type)
    except (ValueError, RecursionError):
        # Without the cause, which may quote a value.
        raise LookupError("and what AWS answers cannot be read") from None


def _name(reference: str) -> str:
    return reference.partition(":")[2]


def _lacking(reference: str, reason: str) -> LookupError:
    return LookupError(f"needs {reference}, {reason}")

"""Check the *.tf files of one folder against a provider's schema, without Terraform and the provider.

    python -m tests.infra.check_hcl tests/infra/huaweicloud-schema.json infra/huaweicloud --strict

Findings (E error, W warning):
    E syntax                a file that does not parse
    E unknown-resource      a resource or data source type the schema does not hold
    E unknown-argument      an argument or block the type does not have
    E missing-required      a required argument is absent, also in nested and dynamic blocks
    W missing-documented    required by the provider's pages only
    E computed-only         a read-only attribute is assigned
    E wrong-kind            block written as attribute, or the other way round
    E wrong-type            a literal that cannot become the declared type
    E bad-value             a literal outside what the provider enforces; a wrong policy key;
                            a timer rate or schedule out of range
    W doubtful-value        a literal outside what pages, SDK or guide list
    W wide-policy           a policy action of "*" or "service:*:*"
    W secret-literal        a sensitive argument written in the file
    E conflict, one-of, required-with, duplicate
    W deprecated, undocumented
    E bad-reference         var, local, resource or attribute that does not exist
    W unused-variable, untyped-variable, undescribed-variable, secret-default
    W stale-accept          something accepted in vain

Reach: literals, and var.x or local.x alone where its default or value is a literal; any other expression
is trusted. Resources of other providers are skipped, and modules in folders below.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.infra.hcl.checker import Checker
from tests.infra.hcl.findings import Finding, forgiven
from tests.infra.hcl.module import Module


def check(schema: Path, folder: Path, accepted: Sequence[str] = ()) -> list[Finding]:
    """What is wrong or doubtful in a folder, but for accepted warnings."""
    facts = json.loads(schema.read_text(encoding="utf-8"))
    return forgiven(Checker(facts, Module(folder)).findings(), accepted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command; 0 clean, 1 errors (with --strict warnings too), 2 not usable."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("schema", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strict", action="store_true", help="warnings fail the run, too")
    parser.add_argument(
        "--accept", action="append", default=[], metavar="TEXT", help="forgive warnings whose line holds it"
    )
    options = parser.parse_args(arguments)
    if not any(options.folder.glob("*.tf")):
        parser.error(f"no *.tf file in {options.folder}")
    findings = check(options.schema, options.folder, options.accept)
    errors = sum(finding.level == "E" for finding in findings)
    lines = [*map(str, findings), f"{errors} error(s), {len(findings) - errors} warning(s)"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if errors or (options.strict and findings) else 0


if __name__ == "__main__":
    sys.exit(main())

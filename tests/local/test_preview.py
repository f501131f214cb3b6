"""`headway preview`: every kind of message, in the terminal and as files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from handler.local import cli
from handler.local.previewing.pages import KINDS, SUFFIXES
from notifiers.alerts import Kind
from notifiers.forms import FAMILIES
from notifiers.languages import CHINESE
from notifiers.samples import sample, sample_digest
from notifiers.saying import Reader
from notifiers.views import title_of
from tests.local.commanding import Running, wait_until
from tests.local.commanding import run as run_meanwhile

SECRET: Final = "s3cr3t-of-ours"
SLACK: Final = "slack://T1AAAAAAA/B1AAAAAAA/XXXXXXXXXXXXXXXXXXXXXXXX"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, ["preview", *arguments], env=environ, prog_name="headway")


def configure(name: str = "headway.yaml", **channels: Mapping[str, Any]) -> None:
    """Write a configuration that lacks all but these channels and the language."""
    settings = {"language": "zh", "huaweicloud": {"region": "${REGION}"}, "channels": channels}
    Path(name).write_text(json.dumps(settings), "utf-8")


def own_template(name: str, text: str, folder: str = "mine") -> str:
    """Write a template into the folder; gives the folder's whole path, by which templates are remembered."""
    path = Path(folder, name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return str(path.parents[1])


def test_the_terminal_shows_every_kind_as_plain_text() -> None:
    """And a digest, and a test; each below its name, with its title."""
    result = run()

    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert [line.strip("─ ") for line in lines if line.startswith("──")] == list(KINDS)
    assert [kind for kind in Kind if title_of(sample(kind), Reader()) not in lines] == []
    assert title_of(sample_digest(), Reader()) in lines
    assert "TEST" in result.stdout


def test_only_the_kinds_that_are_asked_for_are_shown() -> None:
    """In the order in which they are."""
    result = run("--kind", "digest", "--kind", "failed")

    assert [line for line in result.stdout.splitlines() if line.startswith("──")] == [
        "── digest ──",
        "── failed ──",
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_shown(family: str) -> None:
    """With its own markup around the same words."""
    result = run(family, "--kind", "failed")

    assert result.exit_code == 0, result.output
    assert title_of(sample(Kind.FAILED), Reader()) in result.stdout


@pytest.mark.parametrize("family", [name for name, form in FAMILIES.items() if form.is_card])
def test_a_card_is_shown_as_the_json_that_it_is(family: str) -> None:
    """Indented, for people."""
    heading, _, shown = run(family, "--kind", "failed").stdout.partition("\n")

    assert heading == "── failed ──"
    assert json.loads(shown)
    assert shown.startswith("{\n  ")


def test_json_is_shown_as_it_is_sent() -> None:
    """Title and text, and the fields that machines read."""
    sent = json.loads(run("json", "--kind", "failed").stdout.partition("\n")[2])
    fields = sent["headway"]

    assert sent["title"] == fields["title"]
    assert "The API gives no cause" in sent["message"]
    assert [alert["kind"] for alert in fields["alerts"]] == ["failed"]
    assert fields["change"]["phase"] == "failed"


def test_of_a_mail_the_terminal_shows_the_text_part() -> None:
    """Nobody reads HTML."""
    result = run("mail", "--kind", "failed")

    assert result.stdout.count("── failed ──") == 1
    assert "<" not in result.stdout


def test_language_and_time_zone_are_the_readers() -> None:
    """In Chinese, by the clocks of Shanghai."""
    result = run("--language", "zh", "--timezone", "Asia/Shanghai", "--kind", "completed")

    assert title_of(sample(Kind.COMPLETED), Reader(CHINESE)) in result.stdout
    assert "Asia/Shanghai" in result.stdout


def test_files_are_written_for_all_families_and_both_languages() -> None:
    """Each kind has its own, of mail two; where they are is told."""
    result = run("--out", "shown")

    folders = {path.relative_to("shown").as_posix() for path in Path("shown").glob("*/*")}
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert folders == {f"{family}/{language}" for family in FAMILIES for language in ("en", "zh")}
    for family, suffix in SUFFIXES.items():
        for language in ("en", "zh"):
            folder = Path("shown", family, language)
            names = [
                f"{kind}{ending}" for kind in KINDS for ending in dict.fromkeys([suffix, *_more(family)])
            ]
            assert sorted(path.name for path in folder.iterdir()) == sorted(names)
            assert f"{folder}: {len(names)} files" in result.stdout.splitlines()


def _more(family: str) -> list[str]:
    return [".txt"] if family == "mail" else []


def test_files_are_what_their_endings_say() -> None:
    """A mail opens in a browser, a card is JSON, text begins with the title."""
    run("--out", "shown", "--kind", "failed")
    title = title_of(sample(Kind.FAILED), Reader())

    assert Path("shown/mail/en/failed.html").read_text("utf-8").startswith("<!doctype html>")
    assert Path("shown/mail/en/failed.txt").read_text("utf-8").startswith(f"{title}\n\n")
    assert Path("shown/discord/en/failed.md").read_text("utf-8").startswith(f"{title}\n\n")
    assert [json.loads(path.read_text("utf-8")) for path in Path("shown").glob("*/zh/*.json")]
    assert CHINESE.html_code in Path("shown/mail/zh/failed.html").read_text("utf-8")


def test_a_title_that_the_body_holds_is_not_there_twice() -> None:
    """WeCom and DingTalk get it in the text alone."""
    run("--out", "shown", "--kind", "failed")
    title = title_of(sample(Kind.FAILED), Reader())

    assert [path for path in Path("shown").glob("*/en/failed.md") if _count(path, title) != 1] == []


def _count(path: Path, text: str) -> int:
    return path.read_text("utf-8").count(text)


def test_files_of_before_are_written_anew_and_others_left_alone() -> None:
    """Whoever works on a template runs it again and again."""
    for templates in ("{{ title }}: first", "{{ title }}: second"):
        mine = own_template("plain/message.j2", templates)
        Path("shown/plain/en").mkdir(parents=True, exist_ok=True)
        Path("shown/plain/en/notes.txt").write_text("mine", "utf-8")
        run("plain", "--language", "en", "--templates", mine, "--out", "shown", "--kind", "failed")

    assert Path("shown/plain/en/failed.txt").read_text("utf-8").endswith(": second\n")
    assert Path("shown/plain/en/notes.txt").read_text("utf-8") == "mine"
    assert not Path("shown/plain/zh").exists()


def test_own_templates_take_the_place_of_ours() -> None:
    """For the family that they are for."""
    mine = own_template("slack/message.j2", "_{{ title }}_ is how we like it")

    assert "is how we like it" in run("slack", "--templates", mine, "--kind", "failed").stdout
    assert "is how we like it" not in run("slack", "--kind", "failed").stdout


@pytest.mark.parametrize("family", ["slack", "mail"])
def test_an_own_template_that_cannot_be_used_is_told_with_its_line(family: str) -> None:
    """The built-in form is shown in its place; of mail also the one that no terminal shows."""
    mine = own_template(f"{family}/message.j2", "{{ title }}\n{% if %}")

    result = run(family, "--templates", mine, "--kind", "failed", "--kind", "started")

    assert result.exit_code == 1
    assert result.stderr.count("headway: your template") == 1
    assert f"{family}/message.j2: line 2" in result.stderr
    assert title_of(sample(Kind.FAILED), Reader()) in result.stdout


def test_templates_that_nothing_uses_are_told() -> None:
    """A misspelt name would else be found by nobody."""
    mine = own_template("slack/mesage.j2", "{{ title }}")

    configure(team={"url": SLACK, "templates": mine})

    for form, *arguments in (
        ("slack", "slack", "--templates", mine),
        ("plain", "--out", "shown", "--templates", mine),
        ("slack", "--channel", "team"),
    ):
        result = run(*arguments, "--kind", "failed")
        assert result.exit_code == 0
        assert result.stderr == (
            f"headway: {mine} holds no template such as {form}/message.j2; this is the built-in form.\n"
        )


def test_templates_for_another_family_are_told_as_well() -> None:
    """Unless the family is among those that are shown."""
    mine = own_template("slack/digest.j2", "{{ title }}")

    wecom = run("wecom", "--templates", mine, "--kind", "failed")
    others = [
        run(*each, "--kind", "failed", "--templates", mine) for each in (("slack",), ("--out", "shown"))
    ]

    assert "holds no template such as wecom/message.j2" in wecom.stderr
    assert [(result.exit_code, result.stderr) for result in others] == [(0, ""), (0, "")]


def test_a_channel_is_shown_as_it_is_configured() -> None:
    """Family, language, time zone and templates are its own, and no other setting needs to be right."""
    mine = own_template("slack/message.j2", "{{ title }} is how we like it\n{{ seen_at }}")
    configure(
        team={
            "url": "slack://${SLACK_TOKENS}",
            "timezone": "Asia/Shanghai",
            "templates": mine,
        },
        other={"url": "nonsense", "language": "xx"},
    )

    result = run("--channel", "team", "--kind", "failed")

    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert title_of(sample(Kind.FAILED), Reader(CHINESE)) in result.stdout
    assert "is how we like it" in result.stdout
    assert "Asia/Shanghai" in result.stdout


def test_templates_lie_beside_the_configuration() -> None:
    """Wherever the command is run."""
    own_template("slack/message.j2", "{{ title }} is how we like it", "conf/beside")
    configure("conf/other.yaml", team={"url": SLACK, "templates": "beside"})

    result = run("--channel", "team", "--config", "conf/other.yaml", "--kind", "failed")

    assert "is how we like it" in result.stdout


def test_a_channel_is_shown_without_its_secrets() -> None:
    """Be they there or not, in the terminal and in files."""
    configure(team={"url": f"json://user:{SECRET}@example.com/?+X-Token=${{TOKEN}}"})

    shown = run("--channel", "team", environ={"TOKEN": SECRET})
    written = run("--channel", "team", "--out", "shown", environ={"TOKEN": SECRET})

    texts = [shown.output, written.output, *(path.read_text("utf-8") for path in Path().glob("shown/*/*/*"))]
    assert [path.as_posix() for path in Path("shown").glob("*/*")] == ["shown/team/zh"]
    assert len(texts) == len(KINDS) + 2
    assert [text for text in texts if SECRET in text] == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("${TEAM_URL}", "channels.team.url: needs the variable TEAM_URL, which is not set."),
        ("${ssm:team}", "channels.team.url: needs ssm:team, which is not fetched for a preview."),
        ("no url", "channels.team.url: has no scheme such as slack:// before it"),
    ],
)
def test_a_channel_whose_service_is_not_known_is_told(url: str, said: str) -> None:
    """What is missing is named, and what is there is not."""
    configure(team={"url": url})

    result = run("--channel", "team")

    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense://x", "Channel team names a service that does not exist: nonsense://."),
        ("tgram://123456789:abcdefg_hijklmnop", "Channel team has no chat in its url; write tgram://"),
        (f"slack://{SECRET}", "Channel team has a url that the service slack:// does not understand."),
        ("https://example.com/x", "Channel team has a web address that no service knows as its own."),
        ("slack://${TOKEN}", "Channel team has a url that the service slack:// does not understand."),
    ],
)
def test_a_channel_that_could_not_send_is_told(url: str, said: str) -> None:
    """What it would show, nobody would ever get."""
    configure(team={"url": url})

    result = run("--channel", "team", environ={"TOKEN": SECRET})

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert SECRET not in result.stderr


@pytest.mark.parametrize(
    "url", ["nonsense://${TOKEN}", "tgram://${TOKEN}", "smn://eu-west-101/project/topic"]
)
def test_of_a_url_that_is_not_all_there_nothing_is_said(url: str) -> None:
    """Nor of keys to sign with: no secret is needed to see a message."""
    configure(team={"url": url})

    result = run("--channel", "team", "--kind", "failed")

    assert (result.exit_code, result.stderr) == (0, "")


def test_an_unknown_channel_is_told_with_those_that_there_are() -> None:
    """Or that there is none."""
    configure(team={"url": "slack://a/b/c"}, ops={"url": "json://example.com"})
    unknown, as_json = run("--channel", "opps"), run("--channel", "opps", "--json")
    configure()
    none = run("--channel", "opps")

    assert json.loads(as_json.stdout)["error"]["kind"] == "usage"
    assert (unknown.exit_code, none.exit_code) == (2, 2)
    assert unknown.stderr == "headway: There is no channel opps; there are team, ops.\n"
    assert none.stderr == "headway: No channel is configured.\n"


def test_channels_of_variables_are_shown_too() -> None:
    """As everywhere."""
    environ = {"HEADWAY_CHANNELS": "team=tgram://123:abc/chat", "HEADWAY_LANGUAGE": "zh"}

    result = run("--channel", "team", "--kind", "failed", environ=environ)

    assert result.exit_code == 0, result.output
    assert f"<b>{title_of(sample(Kind.FAILED), Reader(CHINESE))}</b>" in result.stdout


def test_without_a_configuration_there_is_no_channel() -> None:
    """It says what is missing."""
    result = run("--channel", "team")

    assert result.exit_code == 2
    assert "headway.yaml" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fax"], "There is no fax: take plain, mail, slack,"),
        (["--kind", "finished"], "There is no finished: take started, step_started,"),
        (["--timezone", "Mars/Olympus"], "--timezone: Mars/Olympus is no timezone known here."),
        (["--language", "xx"], "--language"),
        (["--templates", "not-there"], "--templates"),
        (["--config", __file__], "A configuration is read only to show one of its channels: name that with"),
        (
            ["slack", "--channel", "team"],
            "A channel has a family, language, time zone and templates of its own",
        ),
        (
            ["--channel", "team", "--language", "en"],
            "leave out FAMILY, --language, --timezone and --templates.",
        ),
        (
            ["--out", "/dev/null/x"],
            "--out: /dev/null/x/plain/en/started.txt cannot be written: Not a directory.",
        ),
    ],
)
def test_wrong_usage_is_2_and_a_sentence(arguments: list[str], complaint: str) -> None:
    """Never a traceback."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("forced", "is_coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_only_a_terminal_gets_colours(forced: dict[str, str], *, is_coloured: bool) -> None:
    """A file gets none, and no line is broken or cut for the sake of 80 columns."""
    environ = {"COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "", **forced}

    result = run("--kind", "failed", environ=environ)

    assert ("\x1b[" in result.stdout) is is_coloured
    assert title_of(sample(Kind.FAILED), Reader()) in result.stdout.splitlines()


def test_pagerduty_is_shown_the_event_that_it_would_get() -> None:
    """Trouble opens an incident, a test wakes nobody; keys are not known here."""
    ended = run("pagerduty", "--kind", "failed", "--kind", "test", "--json")
    failed, test = (json.loads(page["text"]) for page in json.loads(ended.stdout)["pages"])

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert (failed["event_action"], failed["payload"]["severity"]) == ("trigger", "critical")
    assert failed["payload"]["summary"].startswith("FAILED: capacity change of orders")
    assert "event_action" not in test
    assert {failed["routing_key"], test["routing_key"]} == {"INTEGRATION_KEY"}


def test_for_programs_the_messages_are_a_document() -> None:
    """Of mails both parts; HTML and JSON are texts in it."""
    ended = run("mail", "--kind", "failed", "--language", "zh", "--json")
    text, html = json.loads(ended.stdout)["pages"]
    both = {"family": "mail", "language": "zh", "kind": "failed", "complaint": None}

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert text == {**both, "format": "txt", "text": text["text"]}
    assert html == {**both, "format": "html", "text": html["text"]}
    assert text["text"].startswith("失败")
    assert html["text"].startswith("<!doctype html>")


def test_for_programs_a_template_that_cannot_be_used_stands_in_the_document() -> None:
    """Beside the built-in form, which is shown in its place."""
    ended = run("--templates", own_template("plain/message.j2", "{{ oops"), "--kind", "test", "--json")
    told = json.loads(ended.stdout)

    assert (ended.exit_code, told["ok"]) == (1, False)
    assert f"headway: your template {told['pages'][0]['complaint']}.\n" in ended.stderr


def test_ctrl_c_ends_it_with_130() -> None:
    """Between two files, each of which is whole."""
    # Our own are too quick to be broken off.
    mine = own_template(
        "plain/message.j2",
        "{% for _ in range(99) %}{% for _ in range(300) %}{% endfor %}{% endfor %}{{ title }}",
    )

    def leave(preview: Running) -> None:
        wait_until(Path("shown/plain/en/started.txt").exists)
        preview.interrupt()

    ended = run_meanwhile("preview", "--templates", mine, "--out", "shown", meanwhile=leave)

    assert (ended.exit_code, ended.stderr) == (130, "")
    assert not Path("shown/json").exists()

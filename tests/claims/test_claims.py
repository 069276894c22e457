"""The claims door: all claims, filters, one claim in full, a wrong verdict that must be reported."""

import dataclasses
import json
import re

import pytest
from conftest import ROOT

from app.claims import claim as kinds
from app.claims.__main__ import main
from app.claims.ledger import CLAIMS, find_claim
from app.claims.report import make_document
from app.claims.verdict import judge
from app.commands.reports import FORMATS
from app.show.writers import write_document


@pytest.fixture
def entries(door):
    def run(*arguments):
        code, output, error = door(main, *arguments, "--format", "json")
        assert (code, error) == (0, "")
        return json.loads(output)

    return run


def test_all_claims_of_all_articles_are_reported(entries):
    data = entries()
    assert [entry["id"] for entry in data["claims"]] == [claim.id for claim in CLAIMS]
    assert [summary["claims"] for summary in data["summary"].values()] == [27, 74, 16, 23, 66]
    for summary in data["summary"].values():
        verdicts = [summary[v] for v in (*kinds.VERDICTS, kinds.NOT_YET)]
        assert sum(verdicts) == summary["claims"]
        assert summary["source agrees"] + summary["source differs"] <= summary[kinds.NOT_COMPUTABLE]


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "pdf"])
def test_every_format_holds_every_claim(door, format):
    code, output, _ = door(main, "--format", format)
    assert code == 0
    assert {claim.id for claim in CLAIMS} <= set(re.findall(r"\d{3}-\d{2}", output.replace("{-}", "-")))


def test_the_text_shows_working_verdict_and_reason(door):
    _, output, _ = door(main, "--article", "004")
    squeezed = " ".join(output.split())
    for text in (
        "Verdicts",
        "338,460",
        "1,690·200 = 338,000",
        "ambiguous",
        "not yet",
        "published: 6.67",
        "source differs",
        "MiB: 232.6",
    ):
        assert text in squeezed, text
    assert "000-01" not in output


def test_plain_ascii_needs_no_escapes(door):
    _, output, _ = door(main, "--ascii")
    assert output.isascii()
    assert "\\" not in output


def test_filters_narrow_the_report(entries):
    def ids(*arguments):
        return [entry["id"] for entry in entries(*arguments)["claims"]]

    assert ids("--article", "002", "--verdict", "wrong") == ["002-04", "002-10"]
    assert len(ids("--article", "000", "--article", "002")) == 27 + 16
    assert ids("--verdict", "rounded", "--article", "000") == ["000-26"]
    assert ids("--source", "differs", "--article", "001") == ["001-66"]
    assert ids("--id", "004-10", "--id", "000-02") == ["000-02", "004-10"]
    assert ids("--article", "002", "--verdict", "rounded") == []
    assert set(ids("--verdict", "not-computable")) >= {"004-58", "001-65"}


def test_an_empty_report_says_so(door):
    code, output, _ = door(main, "--article", "002", "--verdict", "rounded")
    assert code == 0
    assert output.split("\n\n")[-1].strip() == "No claim fits these options."


def test_one_claim_is_shown_in_full(door):
    _, output, _ = door(main, "--id", "004-38")
    squeezed = " ".join(output.split())
    for text in (
        "004-38",
        "004, section “Classic networks: AlexNet” (经典网络：AlexNet)",
        "~255 MB",
        "MB: 243.9",
        "wrong",
        "Four bytes each",
    ):
        assert text in squeezed, text
    _, output, _ = door(main, "--id", "002-08")
    assert "28 − 3 + 1 = 26" in output
    _, output, _ = door(main, "--id", "004-58")
    assert "Szegedy et al., Going deeper with convolutions, 2015" in output


def test_a_report_can_be_written_into_a_file(door, tmp_path):
    code, output, _ = door(main, "--article", "002", "--output", tmp_path / "claims.md")
    assert code == 0
    assert "claims.md" in output
    assert "| 002-09 |" in (tmp_path / "claims.md").read_text("utf-8")


def test_a_verdict_that_is_not_the_declared_one_fails_with_exit_1(door, monkeypatch):
    wrong = {
        "004-10": {"figure": 338_461},
        "000-12": {"expected": kinds.WRONG},
        "004-17": {"value": lambda: {"a": 1, "b": 1}},
        "001-01": {"value": None},
    }
    planted = [dataclasses.replace(c, **wrong.get(c.id, {})) for c in CLAIMS]
    monkeypatch.setattr("app.claims.checking.CLAIMS", planted)
    code, output, error = door(main, "--article", "003")
    assert code == 1
    assert "003-01" in output, "the report is printed first"
    assert len(error.strip().splitlines()) == 1
    named = set(re.findall(r"(\d{3}-\d{2}) is", error))
    assert named == set(wrong)
    assert "004-10 is wrong, declared exact" in error


def test_a_room_that_counts_wrongly_fails_with_exit_1(door, monkeypatch):
    from app.counting import formulas
    from app.counting.count import Count

    monkeypatch.setattr(formulas, "conv_parameters", lambda *a, **k: Count(7, "3 + 4"))
    code, _, error = door(main, "--id", "001-55")
    assert code == 1
    assert "001-55 is wrong, declared exact (stated 280, ours 3 + 4 = 7)" in error


def test_the_summary_adds_up():
    document = make_document([judge(find_claim(id)) for id in ("000-01", "004-58", "004-65")], False)
    summary = document.blocks[0]
    assert summary.total[1] == "3"
    assert [row[0] for row in summary.rows] == ["000", "004"]
    heads = list(summary.columns)
    assert heads[heads.index("not computable") :][:3] == [
        "not computable",
        "a source agrees",
        "a source differs",
    ]


def test_the_guide_shows_the_table_that_the_command_prints(door):
    if judge(find_claim("003-23")).verdict == kinds.NOT_YET:
        pytest.skip("the saved mnist is not the one of the article's recipe")
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    _, output, _ = door(main, "--format", "markdown")
    table = re.search(r"^\| article .*?\n\n", output, re.S | re.M).group()
    assert table.strip() in page, "run the command again and put its first table into docs/claims.md"


def test_the_claims_that_the_guide_names_exist():
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    for id in re.findall(r"\d{3}-\d{2}", page):
        find_claim(id)


def test_the_whole_report_is_light(command):
    probe = (
        "import sys, runpy; sys.argv = ['claims', '--format', 'json']\n"
        "try: runpy.run_module('app.claims', run_name='__main__')\n"
        "except SystemExit as leaving: code = leaving.code or 0\n"
        "print(code, [m for m in ('tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    )
    assert command("-c", probe).stdout.splitlines()[-1] == "0 []"


def test_importing_the_claims_reads_no_data(command):
    done = command("-c", "import sys, app.claims.ledger; print('numpy' in sys.modules)")
    assert done.stdout.strip() == "False"


def test_the_document_is_all_a_writer_needs():
    document = make_document([judge(find_claim("004-10"))], in_full=True)
    assert "338,460" in write_document(document, "markdown")

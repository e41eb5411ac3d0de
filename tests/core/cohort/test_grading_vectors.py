"""The reference vectors of CTCAE, RECIST, toxicity windows and liver function."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reirrad.core.cohort.ctcae import laboratory_grade, toxicity_window
from reirrad.core.cohort.liver_function import albi_grade, albi_score, child_pugh
from reirrad.core.cohort.recist import recist_category
from tests.core.cohort.clinic import RULES, sample, visit

GROUPS = {"CTCAE", "RECIST", "tox", "liver"}
NUMBER = r"([\d.]+)"


def graded(analyte: str, value: float, upper: float, baseline: float) -> int | None:
    name: Any = {"ALT": "alt", "bilirubin": "bilirubin"}[analyte]
    return laboratory_grade(
        sample(name, value, upper=upper),
        baseline=sample(name, baseline, upper=upper, day=-20),
        rules=RULES,
    )


def laboratory_vector(words: str) -> int | None:
    found = re.fullmatch(
        rf"CTCAE v5 (\w+) {NUMBER} \(ULN {NUMBER}, baseline {NUMBER}\)", words
    )
    assert found, words
    analyte, value, upper, baseline = found.groups()
    return graded(analyte, float(value), float(upper), float(baseline))


def recist_vector(words: str) -> str:
    found = re.fullmatch(
        rf"baseline {NUMBER} nadir {NUMBER} now {NUMBER} new=(\w+)", words
    )
    assert found, words
    baseline, nadir, now, new = found.groups()
    return recist_category(
        baseline_mm=float(baseline),
        nadir_mm=float(nadir),
        now_mm=float(now),
        new_lesion=new == "True",
        rules=RULES.recist,
    )


def toxicity_vector(words: str) -> str:
    found = re.search(r"day (\d+)", words)
    assert found, words
    return toxicity_window(int(found[1]), RULES.outcome)


def points(bilirubin: float, albumin: float, inr: float) -> str:
    found = child_pugh(
        bilirubin=sample("bilirubin", bilirubin),
        albumin=sample("albumin", albumin),
        inr=sample("inr", inr),
        findings=visit(),
        rules=RULES,
    )
    assert found is not None
    return f"{found.points} {found.letter}"


LIVER: dict[str, Callable[[], object]] = {
    "R10": lambda: points(2.5, 3.0, 1.5),
    "R11": lambda: points(0.8, 4.0, 1.0),
    "R12": lambda: albi_score(17.0, 40.0, RULES.albi),
    "R13": lambda: albi_grade(albi_score(17.0, 40.0, RULES.albi), RULES.albi),
}


def answer(vector: dict[str, Any]) -> object:
    words = vector["desc"]
    match vector["group"]:
        case "CTCAE":
            return laboratory_vector(words)
        case "RECIST":
            return recist_vector(words)
        case "tox":
            return toxicity_vector(words)
        case _:
            return LIVER[vector["id"]]()


def test_every_vector_of_the_grading_is_met(shared: Path) -> None:
    text = (shared / "reference" / "clinical_vectors.json").read_text(encoding="utf-8")
    due = [vector for vector in json.loads(text) if vector["group"] in GROUPS]
    assert len(due) == 27
    for vector in due:
        expected = vector["value"]
        if isinstance(expected, float):
            expected = pytest.approx(expected, abs=vector["tol"])
        assert answer(vector) == expected, vector

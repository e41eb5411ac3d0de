"""Rules and short records that tests of the grading share."""

from datetime import date, timedelta
from typing import Literal

from reirrad.core.cohort.clinical_records import Laboratory, Visit
from reirrad.core.cohort.terms import Analyte, LaboratoryUnit
from reirrad.knowledge.clinical_rules import load_clinical_rules

RULES = load_clinical_rules()
START, END = date(2021, 3, 1), date(2021, 3, 10)

UNITS: dict[Analyte, LaboratoryUnit] = {
    "bilirubin": "mg/dl",
    "albumin": "g/dl",
    "inr": "ratio",
    "platelets": "10^9/l",
    "creatinine": "mg/dl",
}


def sample(
    analyte: Analyte,
    value: float,
    *,
    upper: float | None = None,
    lower: float | None = None,
    day: int = 30,
    unit: LaboratoryUnit | None = None,
) -> Laboratory:
    """A sample so many days after the end of the course."""
    return Laboratory(
        patient="P1",
        date=END + timedelta(days=day),
        analyte=analyte,
        value=value,
        unit=unit or UNITS.get(analyte, "U/l"),
        upper_normal=upper,
        lower_normal=lower,
    )


def visit(
    *,
    ascites: Literal["none", "mild", "moderate_or_severe"] | None = "none",
    encephalopathy: Literal["none", "grade_1_2", "grade_3_4"] | None = "none",
    hepatomegaly: bool | None = None,
    day: int = 30,
) -> Visit:
    """A visit so many days after the end of the course."""
    return Visit(
        patient="P1",
        date=END + timedelta(days=day),
        ascites=ascites,
        encephalopathy=encephalopathy,
        hepatomegaly=hepatomegaly,
    )

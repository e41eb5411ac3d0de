"""Results of a cohort with made-up values of every kind, for pages and pictures."""

from collections.abc import Sequence
from dataclasses import replace

from reirrad.stats.cohort_results import (
    CohortResults,
    CourseRow,
    Prescription,
    ReportingItem,
    Swim,
    SwimEvent,
    ToxicityRow,
)
from reirrad.stats.results import (
    Association,
    AtHorizon,
    Curve,
    Distribution,
    GroupTest,
    Output,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)

__all__ = ["NO_RESULTS", "cohort_results", "many_patients"]

STRATA = ("1A", "1B", "2")
TYPES = ("1A", "1A", "1B", "2")
FEW = "withheld: fewer than 5 at risk"
REFUSED = "Not fitted: 1 event, at least 5 are needed."
MONTHS = (3.0, 4.5, 6.0, 6.0, 7.5, 8.0, 9.5, 10.0, 11.0, 11.5, 12.0, 13.5, 15.0, 18.0)


def distribution(median: float, n: int = 20, missing: int = 0) -> Distribution:
    return Distribution(
        n, missing, median + 0.4, 6.12, median, median - 2, median + 3, 2.0, 28.0
    )


def shares(labels: Sequence[str], counts: Sequence[int], missing: int = 0) -> Shares:
    of = sum(counts)
    return Shares(
        tuple(
            Share(label, count, of, max(0.0, count / of - 0.2), count / of + 0.15)
            for label, count in zip(labels, counts, strict=True)
        ),
        missing,
    )


def curve(months: Sequence[float], events: Sequence[int], *, rising: bool) -> Curve:
    """A step for each time: product of what is left, and a band of a fifth."""
    left = 1.0
    steps = [1.0]
    at_risk = len(months) - sum(month == 0 for month in months)
    for number, event in enumerate(events):
        left *= 1 - event / (len(events) - number)
        steps.append(left)
    shown = [1 - step if rising else step for step in steps]
    return Curve(
        times_months=(0.0, *months),
        estimate=tuple(shown),
        low=(None, *(max(0.0, step - 0.2) for step in shown[1:])),
        high=(None, *(min(1.0, step + 0.15) for step in shown[1:])),
        at_risk=(at_risk, *range(at_risk, 0, -1)),
        events=(0, *events),
        censored=(0, *(1 - event for event in events)),
    )


def time_to_event(
    endpoint: str, stratum: str, months: Sequence[float], events: Sequence[int]
) -> TimeToEvent:
    incidence = endpoint == "local progression"
    steps = curve(months, events, rising=incidence)
    at_risk = sum(month >= 12 for month in months)
    known = at_risk >= 5
    estimate = [
        step
        for time, step in zip(steps.times_months, steps.estimate, strict=True)
        if time <= 12
    ][-1]
    return TimeToEvent(
        endpoint=endpoint,
        stratum=stratum,
        unit="lesion" if incidence else "patient",
        method="cumulative incidence, Aalen-Johansen; interval log-log"
        if incidence
        else "Kaplan-Meier, Greenwood; interval log-log",
        n=len(months),
        events=sum(events),
        competing=3 if incidence else 0,
        missing=1,
        curve=steps,
        median_months=None if incidence else 18.0,
        median_low=None if incidence else 9.5,
        median_high=None,
        at=(
            AtHorizon(
                12.0,
                estimate if known else None,
                max(0.0, estimate - 0.2) if known else None,
                min(1.0, estimate + 0.1) if known else None,
                at_risk,
                "" if known else FEW,
            ),
        ),
    )


def endpoints() -> tuple[TimeToEvent, ...]:
    every_third = [int(number % 3 == 0) for number in range(len(MONTHS))]
    every_fourth = [int(number % 4 == 1) for number in range(len(MONTHS))]
    found = []
    for endpoint, events in (
        ("overall survival", every_fourth),
        ("progression-free survival", every_third),
        ("local progression", every_fourth),
    ):
        found.append(time_to_event(endpoint, "all", MONTHS, events))
        for start, stratum in enumerate(STRATA):
            months, some = MONTHS[start::3], events[start::3]
            found.append(time_to_event(endpoint, stratum, months, some))
    follow_up = time_to_event("follow-up", "all", MONTHS, every_third)
    return (*found, replace(follow_up, method="reverse Kaplan-Meier"))


def by_stratum(item: str, unit: str, value: Distribution) -> list[OutputRow]:
    return [
        OutputRow(stratum, item, unit, replace(value, n=n, missing=missing))
        for stratum, n, missing in (("all", 20, 2), ("1A", 9, 1), ("1B", 8, 1))
    ]


def outputs() -> tuple[Output, ...]:
    sex = [
        OutputRow("all", "", "", shares(("female", "male"), (9, 9))),
        OutputRow("1A", "", "", shares(("female", "male"), (3, 4))),
        OutputRow("2", "", "", shares(("female", "male"), (2, 3), missing=1)),
    ]
    response = [
        OutputRow(stratum, "", "", result)
        for stratum, result in (
            ("all", shares(("objective response", "clinical benefit"), (5, 7), 6)),
            ("1A", shares(("objective response", "clinical benefit"), (2, 3), 2)),
        )
    ]
    limits = [
        OutputRow(
            "all",
            "Duodenum, D0.1cc[Gy] <= 35, one course (UK 2022)",
            "",
            shares(("met", "exceeded", "not evaluable"), (15, 2, 3)),
        ),
        OutputRow(
            "all",
            "Bowel_Small, D0.5cc[EQD2] <= 70, all courses (Slevin)",
            "",
            shares(("met", "exceeded", "not evaluable"), (0, 0, 20)),
        ),
    ]
    empty = Distribution(0, 20, *([None] * 7))
    definition = "From the last day of the previous course to the first day."
    return (
        Output("O3", "Age at re-irradiation", "patient", "Years at the start.",
               tuple(by_stratum("", "years", distribution(69, 18))), ()),
        Output("O4", "Sex", "patient", "As recorded.", tuple(sex), ("One unknown.",)),
        Output("O7", "Interval to re-irradiation", "course", definition,
               tuple(by_stratum("", "months", distribution(8.5))), ()),
        Output("O12", "Frames of gating", "course", "Frames in a second.",
               (OutputRow("all", "", "1/s", empty),), ()),
        Output("O19", "Dose limits", "course", "Each limit, where it can be asked.",
               tuple(limits), ("A limit is met only where it was evaluated.",)),
        Output("O22", "Overlap", "course", "In the organ and as a whole.",
               (*by_stratum("Ov2Gy in the organ", "cc", distribution(625.3)),
                *by_stratum("Ov50% in the organ", "cc", distribution(12.0))),
               ()),
        Output("O26", "Adaptation", "plan", "Plans with an adapted fraction.",
               (OutputRow("all", "", "", Share("adapted", 5, 20, 0.087, 0.491)),), ()),
        Output("O28", "Toxicity", "patient",
               "Worst grade by CTCAE v5.0; acute up to 90 days, late after.", (), ()),
        Output("O30", "Response at 12 months", "patient",
               "RECIST 1.1, over those that can be evaluated.", tuple(response),
               ("6 patients could not be evaluated.",)),
        Output("O31", "Survival and control", "patient, lesion", "As in the figures.",
               (OutputRow("all", "overall survival", "", endpoints()[0]),
                OutputRow("all", "at 12 months", "", endpoints()[0].at[0])), ()),
    )  # fmt: skip


def association(*, refused: bool) -> Association:
    points = tuple((float(10 + 4 * n), n in {9, 11, 12, 14}) for n in range(16))
    fitted = Association(
        outcome="GI toxicity, grade 2 or more",
        exposure="duodenum D0.1cc, cumulative EQD2",
        exposure_unit="Gy",
        n=16,
        events=4,
        missing=4,
        odds_ratio=1.8,
        low=1.05,
        high=3.9,
        p=0.031,
        step=10.0,
        intercept=-4.6,
        slope=0.0588,
        points=points,
        method="logistic regression, penalised likelihood (Firth)",
        note="",
    )
    if not refused:
        return fitted
    return replace(
        fitted,
        outcome="Hepatic toxicity, grade 2 or more",
        exposure="liver, cumulative mean EQD2",
        events=1,
        odds_ratio=None,
        low=None,
        high=None,
        p=None,
        intercept=None,
        slope=None,
        points=tuple((dose, dose == 46.0) for dose, _ in points),
        note=REFUSED,
    )


def courses() -> tuple[CourseRow, ...]:
    first = CourseRow(
        patient="PAAAABBBBCCCC",
        number=2,
        resbrt_type="1B",
        as_applied_type="1B",
        estro_eortc="type 1",
        same_type_percent=97.0,
        interval_months=8.54,
        ov2gy_organ_cc=861.0,
        ov2gy_total_cc=902.4,
        ov50_organ_cc=65.0,
        ov50_total_cc=66.1,
        ptv_overlap_cc=0.0,
        previous=(Prescription(50.0, 5, 100.0), Prescription(50.0, 5, 100.0)),
        prescribed=(Prescription(35.0, 5, 59.5), Prescription(None, None, None)),
        liver_mean_gy=3.7,
        liver_cumulative_eqd2_gy=9.2,
        dose_reduced=True,
    )
    second = replace(
        first,
        patient="PDDDDEEEEFFFF",
        resbrt_type="1A",
        as_applied_type="2",
        estro_eortc="repeat organ irradiation",
        ov2gy_organ_cc=27.8,
        ov50_organ_cc=0.0,
        previous=(),
        dose_reduced=False,
    )
    unknown = replace(
        first,
        patient="PDDDDEEEEFFFF",
        number=3,
        resbrt_type=None,
        as_applied_type=None,
        estro_eortc=None,
        same_type_percent=None,
        interval_months=None,
        ov2gy_organ_cc=None,
        ov2gy_total_cc=None,
        ov50_organ_cc=None,
        ptv_overlap_cc=None,
        liver_mean_gy=None,
        dose_reduced=None,
    )
    return (first, second, unknown)


def toxicity() -> tuple[ToxicityRow, ...]:
    return (
        ToxicityRow("any", "acute", "all", (2, 1, 0, 0, 0), 18, 0.036, 0.414),
        ToxicityRow("any", "late", "all", (0, 0, 0, 0, 0), 18, 0.0, 0.185302),
        ToxicityRow("fatigue", "acute", "all", (2, 1, 0, 0, 0), 18, 0.036, 0.414),
        ToxicityRow("fatigue", "acute", "1A", (1, 0, 0, 0, 0), 7, 0.004, 0.579),
        ToxicityRow("classic RILD", "acute", "all", (0, 0, 0, 0, 0), 0, None, None),
    )


def swims() -> tuple[Swim, ...]:
    months = (34.0, 28.5, 22.0, 18.0, 15.5, 12.0, 11.0, 9.0, 6.0, 3.0)
    return tuple(
        Swim(
            patient=f"P{number:012d}",
            stratum=TYPES[number % 4],
            months=length,
            died=number % 3 == 1,
            events=(
                SwimEvent(length / 3, "CR" if number % 2 else "toxicity grade 3"),
                SwimEvent(length / 2, "progression"),
                *((SwimEvent(length * 0.6, "re-irradiation"),) if number < 2 else ()),
                *((SwimEvent(length * 0.8, "local progression"),) * (number % 2)),
            ),
        )
        for number, length in enumerate(months)
    )


def cohort_results() -> CohortResults:
    """18 patients, with something of every kind."""
    return CohortResults(
        n_patients=18,
        n_courses=20,
        n_lesions=25,
        fewest_at_risk=5,
        stratified_by="type of re-irradiation, strict reading",
        strata=STRATA,
        outputs=outputs(),
        survival=endpoints(),
        tests=(
            GroupTest("overall survival", "log-rank", {"1A": 5, "1B": 5, "2": 4},
                      1.23, 2, 0.5406, ""),
            GroupTest("local progression", "Gray", {"1A": 5, "1B": 5, "2": 4},
                      None, None, None, "No event in two of the groups."),
        ),
        toxicity=toxicity(),
        associations=(association(refused=False), association(refused=True)),
        overlap_cc=(
            ("1A", 205.0, 0.0), ("1A", 455.0, 0.0), ("1A", 861.0, 0.0),
            ("1B", 340.0, 1.0), ("1B", 1240.0, 65.0), ("1B", 2098.0, 20.0),
            ("2", 0.0, 0.0), ("2", 0.0, None), ("2", None, None),
        ),
        courses=courses(),
        swims=swims(),
        reporting=(
            ReportingItem("Interval between courses", "course", 20, 20, ""),
            ReportingItem("Concurrent systemic therapy", "patient", 12, 18,
                          "6 patients without an entry."),
            ReportingItem("Quality of life", "patient", 0, 18, "Not kept."),
        ),
        problems=("PAAAABBBBCCCC: progression on 2024-03-01 is after death.",),
        software=(("reirrad", "0.1.0"), ("statsmodels", "0.15.0")),
    )  # fmt: skip


def many_patients(n_patients: int) -> CohortResults:
    """As many lines in the pictures and tables as a large cohort has."""
    some = cohort_results()
    swimming = tuple(
        replace(one, patient=f"P{number:05d}-{one.patient[-4:]}")
        for number in range(-(-n_patients // len(some.swims)))
        for one in some.swims
    )[:n_patients]
    longest_first = sorted(swimming, key=lambda one: -one.months)
    return replace(
        some,
        n_patients=n_patients,
        swims=tuple(longest_first),
        courses=tuple(
            replace(some.courses[number % 3], patient=f"P{number:05d}")
            for number in range(n_patients)
        ),
        overlap_cc=tuple(
            (TYPES[number % 4], float(number), number % 7 * 10.0)
            for number in range(n_patients)
        ),
    )


NO_RESULTS = CohortResults(
    n_patients=0,
    n_courses=0,
    n_lesions=0,
    fewest_at_risk=5,
    stratified_by="type of re-irradiation, strict reading",
    strata=(),
    outputs=(),
    survival=(),
    tests=(),
    toxicity=(),
    associations=(),
    overlap_cc=(),
    courses=(),
    swims=(),
    reporting=(),
    problems=(),
    software=(("reirrad", "0.1.0"),),
)
"""A registry without any re-irradiation."""

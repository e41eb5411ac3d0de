"""Required outputs O13 to O17, O20, O21: prescription, volumes and target dose."""

from collections.abc import Callable
from functools import partial

from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.core.radiobiology import bed, eqd2
from reirrad.stats.organ_doses import normal_liver_cc
from reirrad.stats.output_rows import distribution_rows, share_rows, shares_rows
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import choices_of
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, earlier_course

__all__ = ["bed_gy", "coverage_output", "reduction_output", "target_outputs"]

Measure = Callable[[Lesion], float | None]


def target_outputs(study: Study) -> tuple[Output, ...]:
    """O13 to O17."""
    return (
        _prescription(study),
        _prescription_mode(study),
        _target_volumes(study),
        _target_dose(study),
        _normal_liver(study),
    )


def bed_gy(lesion: Lesion, alpha_beta_gy: float) -> float | None:
    """BED of the prescribed dose of a lesion; None where dose or fractions are."""
    if lesion.dose_gy is None or lesion.n_fractions is None:
        return None
    return float(
        bed(
            lesion.dose_gy,
            n_fractions=lesion.n_fractions,
            alpha_beta_gy=alpha_beta_gy,
        )
    )


def _eqd2_gy(lesion: Lesion, alpha_beta_gy: float) -> float | None:
    if lesion.dose_gy is None or lesion.n_fractions is None:
        return None
    return float(
        eqd2(
            lesion.dose_gy,
            n_fractions=lesion.n_fractions,
            alpha_beta_gy=alpha_beta_gy,
        )
    )


def _per_fraction_gy(lesion: Lesion) -> float | None:
    if lesion.dose_gy is None or lesion.n_fractions is None:
        return None
    return lesion.dose_gy / lesion.n_fractions


def _prescription(study: Study) -> Output:
    ratio = study.limits.tumour_alpha_beta_gy
    measures: tuple[tuple[str, str, Measure], ...] = (
        ("dose", "Gy", lambda lesion: lesion.dose_gy),
        ("fractions", "", lambda lesion: lesion.n_fractions),
        ("dose per fraction", "Gy", _per_fraction_gy),
        (f"BED{ratio:g}", "Gy", lambda lesion: bed_gy(lesion, ratio)),
        (f"EQD2_{ratio:g}", "Gy", lambda lesion: _eqd2_gy(lesion, ratio)),
    )
    rows: list[OutputRow] = []
    for name, unit, measure in measures:
        rows += distribution_rows(
            study.by_earlier_lesion(measure),
            study.strata,
            unit=unit,
            item=f"previous course, {name}",
        )
        rows += distribution_rows(
            _of_lesions(study, measure),
            study.strata,
            unit=unit,
            item=f"re-irradiation, {name}",
        )
    return Output(
        "O13",
        "Prescription",
        "lesion",
        "Prescribed to each lesion in the re-irradiation, and to each lesion of the "
        "courses before that it is compared with. BED and EQD2 are of the prescribed "
        f"dose, linear-quadratic, alpha/beta {ratio:g} Gy.",
        tuple(rows),
        (),
    )


def _of_lesions(study: Study, measure: Measure) -> list[tuple[str, float | None]]:
    return study.by_lesion(lambda _one, _course, lesion: measure(lesion))


def _prescription_mode(study: Study) -> Output:
    return Output(
        "O14",
        "Manner of prescribing",
        "lesion",
        "To the 80 % isodose, or as mean dose covering 95 % of the PTV.",
        shares_rows(
            study.by_lesion(lambda _one, _course, lesion: lesion.prescription_mode),
            study.strata,
            choices_of(Lesion, "prescription_mode"),
        ),
        (),
    )


def _measured(
    study: Study, measured: tuple[tuple[str, str, str], ...]
) -> list[OutputRow]:
    rows: list[OutputRow] = []
    for item, name, unit in measured:
        values = study.by_lesion(partial(_field, name=name))
        rows += distribution_rows(values, study.strata, unit=unit, item=item)
    return rows


def _field(_one: Treated, _course: Course, lesion: Lesion, name: str) -> float | None:
    value: float | None = getattr(lesion, name)
    return value


def _target_volumes(study: Study) -> Output:
    measured = (
        ("GTV", "gtv_cc", "cc"),
        ("PTV", "ptv_cc", "cc"),
        ("margin from GTV to PTV", "margin_mm", "mm"),
    )
    return Output(
        "O15",
        "Volumes of the targets and margin",
        "lesion",
        "Of each re-irradiated lesion.",
        tuple(_measured(study, measured)),
        (),
    )


def _target_dose(study: Study) -> Output:
    measured = (
        ("D2%", "ptv_d2_gy", "Gy"),
        ("D95%", "ptv_d95_gy", "Gy"),
        ("D98%", "ptv_d98_gy", "Gy"),
        ("mean", "ptv_mean_gy", "Gy"),
        ("V95%", "ptv_v95_percent", "%"),
    )
    return Output(
        "O16",
        "Dose of the PTV",
        "lesion",
        "Physical dose of the re-irradiation in the PTV of each lesion; V95% is the "
        "share of the PTV that receives 95 % of the prescribed dose.",
        tuple(_measured(study, measured)),
        (),
    )


def _normal_liver(study: Study) -> Output:
    def before(one: Treated, course: Course) -> float | None:
        earlier = earlier_course(one, course)
        return None if earlier is None else normal_liver_cc(one, earlier)

    rows: list[OutputRow] = []
    for item, of in (("previous course", before), ("re-irradiation", normal_liver_cc)):
        rows += distribution_rows(
            study.by_course(of), study.strata, unit="cc", item=item
        )
    return Output(
        "O17",
        "Volume of the normal liver",
        "course",
        "Liver less GTV as measured; else volume of the liver less the GTVs of the "
        "liver lesions of that course, where all of them are known.",
        tuple(rows),
        (),
    )


def reduction_output(study: Study) -> Output:
    """O20: reduced prescriptions."""
    reduced = study.by_course(lambda _one, course: course.dose_reduced)
    reasons = [
        (stratum, reason)
        for stratum, (is_reduced, reason) in study.by_course(
            lambda _one, course: (course.dose_reduced, course.dose_reduction_reason)
        )
        if is_reduced
    ]
    return Output(
        "O20",
        "Reduced prescriptions",
        "course",
        "Re-irradiation courses whose prescription was reduced, and why; the reasons "
        "are of the reduced ones alone.",
        share_rows(reduced, study.strata, item="prescription reduced")
        + shares_rows(
            reasons,
            study.strata,
            choices_of(Course, "dose_reduction_reason"),
            item="reason",
        ),
        (),
    )


def coverage_output(study: Study) -> Output:
    """O21: compromises of coverage."""
    goal = study.limits.coverage_percent

    def compromised(lesion: Lesion) -> bool | None:
        covered = lesion.ptv_v95_percent
        return None if covered is None else covered < goal

    return Output(
        "O21",
        "Compromises of coverage",
        "lesion",
        f"Re-irradiated lesions with less than {goal:g} % of the PTV at 95 % of the "
        "prescribed dose.",
        share_rows(
            study.by_lesion(lambda _one, _course, lesion: compromised(lesion)),
            study.strata,
            item=f"V95% of the PTV below {goal:g} %",
        ),
        (),
    )

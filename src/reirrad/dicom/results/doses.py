"""Accumulated EQD2 and mapped physical dose as RT Dose objects.

What the numbers are stands in attributes that any reader can show: Series Description,
Dose Comment and Derivation Description; in coded form in the Derivation Code Sequence.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from reirrad.core.exportable import Exportable, ExportedDose
from reirrad.core.sources import ObjectReference
from reirrad.dicom.identity import Study
from reirrad.dicom.results.result_object import labelled, sealed, short
from reirrad.dicom.write_rtdose import DoseMeaning, rtdose_dataset

__all__ = ["derived", "dose_objects", "given"]

EQD2_SERIES_NUMBER = 9301
MAPPED_SERIES_NUMBER = 9401


def dose_objects(exportable: Exportable, study: Study) -> Iterator[tuple[str, Dataset]]:
    """Every dose, with the name of its file."""
    for position, one in enumerate(exportable.eqd2):
        yield (
            f"RTDOSE_EQD2_ab{one.alpha_beta_gy:g}",
            _eqd2(exportable, one, study, number=EQD2_SERIES_NUMBER + position),
        )
    for position, one in enumerate(exportable.mapped):
        yield (
            f"RTDOSE_physical_C{one.courses[0]}",
            _mapped(exportable, one, study, number=MAPPED_SERIES_NUMBER + position),
        )


def _eqd2(
    exportable: Exportable, dose: ExportedDose, study: Study, *, number: int
) -> Dataset:
    ratio = f"{dose.alpha_beta_gy:g}"
    courses = "+".join(f"C{one}" for one in dose.courses)
    what = "; ".join(given(exportable, one) for one in dose.courses)
    dataset = rtdose_dataset(
        dose.grid,
        study=study,
        plans=_plans(exportable, dose),
        meaning=DoseMeaning(
            "EFFECTIVE",
            "MULTI_PLAN",
            comment=short(f"EQD2 a/b {ratio} Gy, LQ, no recovery, {courses}"),
        ),
        bits=16,
    )
    series = f"reirrad: accumulated EQD2, alpha/beta {ratio} Gy"
    labelled(dataset, series=series, number=number)
    derived(
        dataset,
        f"Sum of the EQD2 of each course, linear-quadratic model, alpha/beta {ratio} "
        f"Gy at every voxel, equal fractions, no recovery of tissue. {what}. Courses "
        f"in other frames of reference are mapped rigidly. {_unknown(dose)}",
        codes.DCM.ComposedWithRadiobiologicalEffects,
    )
    return sealed(dataset)


def _mapped(
    exportable: Exportable, dose: ExportedDose, study: Study, *, number: int
) -> Dataset:
    (course,) = dose.courses
    plans = _plans(exportable, dose)
    reference = exportable.reference_course
    dataset = rtdose_dataset(
        dose.grid,
        study=study,
        plans=plans,
        meaning=DoseMeaning(
            "PHYSICAL",
            "MULTI_PLAN" if len(plans) > 1 else "PLAN",
            comment=f"Dose of course {course} mapped to course {reference}",
        ),
        bits=16,
    )
    series = f"reirrad: dose of course {course}, mapped to course {reference}"
    labelled(dataset, series=series, number=number)
    derived(
        dataset,
        f"Physical dose of {given(exportable, course)}, mapped rigidly into the frame "
        f"of reference of course {reference} and interpolated there. {_unknown(dose)}",
        codes.DCM.ComposedFromPriorDoses,
    )
    return sealed(dataset)


def given(exportable: Exportable, number: int) -> str:
    """A course with its prescription, in words."""
    course = exportable.courses[number]
    return (
        f"course {number} ({course.label}, {course.dose_gy:g} Gy in "
        f"{course.n_fractions} fractions)"
    )


def _unknown(dose: ExportedDose) -> str:
    if not dose.unknown_percent:
        return "Every voxel was calculated in every course."
    return (
        f"{dose.unknown_percent:.1f} % of the voxels, at corners of the grid, lie "
        f"beyond the dose grid of a course: the nearest dose on its border stands "
        f"there, up to {dose.unknown_max_gy:.1f} Gy in all. Outside this grid nothing "
        f"is known; that is not zero dose."
    )


def _plans(exportable: Exportable, dose: ExportedDose) -> list[ObjectReference]:
    sources = [exportable.courses[number].source for number in dose.courses]
    return [plan for source in sources if source is not None for plan in source.plans]


def derived(dataset: Dataset, description: str, how: Code) -> None:
    """Say of a dose that it is derived, and from what."""
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DerivationDescription = short(description, 1024)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = how.value, how.scheme_designator
    code.CodeMeaning = how.meaning
    dataset.DerivationCodeSequence = [code]

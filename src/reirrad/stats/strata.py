"""Groups of a cohort beside "all", and the group of each patient, course and lesion."""

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.questions import StrataName
from reirrad.stats.treated import Policy, Treated, lesions_in, overlap_of

__all__ = [
    "ALL",
    "NOT_KNOWN",
    "SEVERAL",
    "choices_of",
    "compared_strata",
    "present_strata",
    "stratified_by",
    "stratum_of_course",
    "stratum_of_lesion",
]

ALL = "all"
NOT_KNOWN = "not known"
SEVERAL = "several"
UNDETERMINED = "undetermined"

WORDS: dict[StrataName, str] = {
    "resbrt_type": "type of re-irradiation, strict reading",
    "as_applied_type": "type of re-irradiation as applied, with minimal overlap",
    "estro_eortc": "ESTRO-EORTC category",
    "primary_site": "site of the primary tumour",
    "sex": "sex",
    "technique": "technique",
    "irradiated_site": "irradiated site",
}
TYPES = ("1A", "1B", "1B*", "2", UNDETERMINED)


def stratified_by(strata: StrataName) -> str:
    """Words for what the groups are."""
    return WORDS[strata]


def stratum_of_course(one: Treated, course: Course, strata: StrataName) -> str:
    """Group of a re-irradiation; "not known" where the registry does not say."""
    if strata in {"primary_site", "sex"}:
        value = getattr(one.patient, strata)
    elif strata == "technique":
        value = course.technique
    elif strata == "irradiated_site":
        value = _site_of(lesions_in(one, course))
    else:
        policy: Policy = (
            "as_applied_type" if strata == "as_applied_type" else "resbrt_type"
        )
        overlap = overlap_of(one, course, policy)
        value = None if overlap is None else getattr(overlap, strata)
    return NOT_KNOWN if value is None else str(value)


def stratum_of_lesion(
    one: Treated, course: Course, lesion: Lesion, strata: StrataName
) -> str:
    """Group of a lesion: that of its course, or its own site."""
    if strata == "irradiated_site":
        return lesion.site or NOT_KNOWN
    return stratum_of_course(one, course, strata)


def _site_of(lesions: tuple[Lesion, ...]) -> str | None:
    sites = {lesion.site for lesion in lesions}
    return SEVERAL if len(sites) > 1 else next(iter(sites), None)


def present_strata(found: set[str], strata: StrataName) -> tuple[str, ...]:
    """Groups that occur, in the order of their declaration."""
    order = (*_declared(strata), SEVERAL, NOT_KNOWN)
    return tuple(name for name in order if name in found)


def compared_strata(strata: tuple[str, ...]) -> tuple[str, ...]:
    """Groups that are compared by a test: those that say what a unit is."""
    return tuple(
        name for name in strata if name not in {UNDETERMINED, NOT_KNOWN, SEVERAL}
    )


def _declared(strata: StrataName) -> tuple[str, ...]:
    if strata in {"resbrt_type", "as_applied_type"}:
        return TYPES
    kinds: dict[str, tuple[type[Record], str]] = {
        "estro_eortc": (Overlap, strata),
        "primary_site": (Patient, strata),
        "sex": (Patient, strata),
        "technique": (Course, strata),
        "irradiated_site": (Lesion, "site"),
    }
    kind, name = kinds[strata]
    return choices_of(kind, name)


def choices_of(kind: type[Record], name: str) -> tuple[str, ...]:
    """What a choice of a record may be, in the order of its declaration."""
    (field,) = [one for one in fields_of(kind) if one.name == name]
    return field.choices

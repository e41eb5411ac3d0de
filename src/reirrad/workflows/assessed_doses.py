"""Overlaps, organ doses and limits of an assessment, as the registry keeps them."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from reirrad.core.assessment import PairAssessment
from reirrad.core.cohort.dose_records import (
    AssessmentRecord,
    LimitCheck,
    OrganDose,
    Overlap,
)
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort
from reirrad.core.nomenclature import understand
from reirrad.core.plan_results import Metrics
from reirrad.core.structures import Role
from reirrad.errors import InputError
from reirrad.knowledge.structure_names import load_structure_names
from reirrad.workflows.assessed_ages import Ages, ages_of, courses_of, moment_of
from reirrad.workflows.assessed_overlaps import entered_overlaps, overlaps_beside
from reirrad.workflows.assessment_document import (
    AssessedStructure,
    AssessmentDocument,
    ReadAssessment,
)
from reirrad.workflows.kept_records import free_number, numbered

__all__ = ["AssessedDoses", "assessed_doses"]

ANOTHER_ORGAN = "other"


@dataclass(frozen=True, slots=True)
class AssessedDoses:
    """Records of one assessment.

    Parameters
    ----------
    records
        To be put.
    outdated
        Records of older assessments that nothing replaces.
    remarks
        What a person should know.
    """

    records: tuple[Record, ...]
    outdated: tuple[Record, ...]
    remarks: tuple[str, ...]


def assessed_doses(
    read: ReadAssessment, patient: str, kept: Cohort, numbers: Mapping[int, int]
) -> AssessedDoses:
    """What is kept of the doses, in the place of what an older assessment said.

    Of the doses of one course and their limits the newest assessment is kept. Overlaps
    that a person entered stay.

    Parameters
    ----------
    read
        The assessment.
    patient
        Pseudonym.
    kept
        Everything that the registry has of this patient.
    numbers
        Number of each course in the assessment to its number in the registry.

    Raises
    ------
    InputError
        If the registry has a newer assessment of the same courses.
    """
    document = read.document
    pairs = {(numbers[one.first], numbers[one.second]) for one in document.pairs}
    _require_newest(document, kept, pairs)
    ages = ages_of(read, kept, pairs, frozenset(numbers.values()))
    replaced = ages.replaced
    number = min(replaced, default=free_number(kept.assessment))
    organ, about_organ = _organ(document)
    new = _New(document, patient, number, numbers, organ)
    organs, about_organs = _organs(document)
    doses, old_doses = _in_place_of_older(
        new.organ_doses(organs), kept.organ_dose, ages, like=_like_dose
    )
    limits, old_limits = _in_place_of_older(
        dict.fromkeys(new.limits()), kept.limit, ages, like=_like_limit
    )
    overlaps, about_overlaps = overlaps_beside(new.overlaps(), kept.overlap)
    records: tuple[Record, ...] = (
        new.assessment(read.sha256),
        *overlaps,
        *doses,
        *limits,
    )
    given = {(type(one), one.number) for one in records}
    return AssessedDoses(
        records=records,
        outdated=tuple(
            one
            for one in (
                *(one for one in kept.assessment if one.number in replaced),
                *old_doses,
                *old_limits,
            )
            if (type(one), one.number) not in given
        ),
        remarks=(
            *about_organ,
            *about_overlaps,
            *about_organs,
            *_about_verdict(document),
        ),
    )


def is_withheld(document: AssessmentDocument) -> bool:
    """Whether the class of any pair of courses is undetermined."""
    return any(
        pair.classification.resbrt_type == "undetermined"
        for pair in (*document.pairs, *document.united_pairs)
    )


def _require_newest(
    document: AssessmentDocument, kept: Cohort, pairs: set[tuple[int, int]]
) -> None:
    created = {one.number: one.moment for one in kept.assessment}
    same = [
        created[one.assessment]
        for one in kept.overlap
        if (one.first, one.second) in pairs and one.assessment in created
    ]
    entered = pairs & entered_overlaps(kept.overlap).keys()
    same += [
        one.moment
        for one in kept.assessment
        if any(courses_of(one, kept).issuperset(pair) for pair in entered)
    ]
    moment = moment_of(document)
    if same and max(same) > moment:
        msg = (
            f"this assessment is of {moment}, and the registry has one of the same "
            f"courses of {max(same)}. Assess again, or add the newest result."
        )
        raise InputError(msg)


D = TypeVar("D", OrganDose, LimitCheck)


def _in_place_of_older(
    found: Iterable[D], kept: Sequence[D], ages: Ages, *, like: Callable[[D], Hashable]
) -> tuple[tuple[D, ...], list[D]]:
    """Records but for those that a newer assessment has, and what they replace.

    Returns
    -------
    records
        With their numbers.
    old
        Of assessments that are replaced, and what older ones say of the same course.
    """
    newer = {
        like(one)
        for one in kept
        if one.course is not None and one.assessment in ages.newer
    }
    new = [one for one in found if like(one) not in newer]
    now = {like(one) for one in new if one.course is not None}
    old = [
        one
        for one in kept
        if one.assessment in ages.replaced
        or (one.assessment in ages.older and like(one) in now)
    ]
    return numbered(new, replaced=old, kept=kept, like=like), old


def _like_dose(one: OrganDose) -> Hashable:
    return one.organ, one.quantity, one.course


def _like_limit(one: LimitCheck) -> Hashable:
    return (
        one.structure,
        one.metric,
        one.quantity,
        one.course,
        one.relation,
        one.limit,
    )


@dataclass(frozen=True, slots=True)
class _New:
    """Makes the records of one assessment; their numbers are given later."""

    document: AssessmentDocument
    patient: str
    number: int
    numbers: Mapping[int, int]
    organ: str

    def assessment(self, sha256: str) -> AssessmentRecord:
        severities = [one.severity for one in self.document.findings]
        return AssessmentRecord(
            patient=self.patient,
            number=self.number,
            created=self.document.created.date(),
            created_at=moment_of(self.document),
            sha256=sha256,
            software_version=self.document.software.version,
            organ=self.organ,
            reference_course=self.numbers[self.document.reference_course],
            withheld=is_withheld(self.document),
            n_warnings=severities.count("warning"),
            n_errors=severities.count("error"),
        )

    def overlaps(self) -> Iterator[Overlap]:
        for pair in self.document.pairs:
            low, half = pair.overlap["2Gy"], pair.overlap["50%"]
            yield Overlap(
                patient=self.patient,
                first=self.numbers[pair.first],
                second=self.numbers[pair.second],
                assessment=self.number,
                organ=self.organ,
                ov2gy_organ_cc=low.organ_cc,
                ov2gy_total_cc=low.total_cc,
                ov50_organ_cc=half.organ_cc,
                ov50_total_cc=half.total_cc,
                ptv_cc=pair.targets.get("PTV"),
                gtv_cc=pair.targets.get("GTV"),
                resbrt_type=pair.classification.resbrt_type,
                as_applied_type=pair.classification.as_applied_type,
                estro_eortc=pair.classification.estro_eortc,
                same_type_percent=_same_type_percent(self.document, pair),
            )

    def organ_doses(self, organs: Iterable[AssessedStructure]) -> Iterator[OrganDose]:
        for organ in organs:
            for course in organ.courses:
                number = self.numbers[course.number]
                yield from self._dose(organ, "physical", course.physical, number)
                yield from self._dose(organ, "EQD2", course.eqd2, number)
            yield from self._dose(organ, "EQD2", organ.cumulative.eqd2, None)

    def _dose(
        self,
        organ: AssessedStructure,
        quantity: Literal["physical", "EQD2"],
        metrics: Metrics,
        course: int | None,
    ) -> Iterator[OrganDose]:
        """One record, or none where nothing is known."""
        name = organ.standard_name
        if name is None or all(value is None for value in metrics.values()):
            return
        yield OrganDose(
            patient=self.patient,
            organ=name,
            quantity=quantity,
            course=course,
            assessment=self.number,
            alpha_beta_gy=organ.alpha_beta_gy if quantity == "EQD2" else None,
            volume_cc=organ.volume_cc,
            mean_gy=metrics.get("Mean[Gy]"),
            max_gy=metrics.get("Max[Gy]"),
            d0_1cc_gy=metrics.get("D0.1cc[Gy]"),
            d2_gy=metrics.get("D2%[Gy]"),
            d50_gy=metrics.get("D50%[Gy]"),
            d95_gy=metrics.get("D95%[Gy]"),
            d98_gy=metrics.get("D98%[Gy]"),
        )

    def limits(self) -> Iterator[LimitCheck]:
        courses = {f"course {there}": here for there, here in self.numbers.items()}
        for one in self.document.constraints:
            yield LimitCheck(
                patient=self.patient,
                structure=one.structure,
                metric=one.metric,
                quantity=one.quantity,
                relation=one.relation,
                limit=one.limit,
                verdict=one.verdict,
                source=one.source,
                verification=one.verification,
                course=courses.get(one.scope),
                value=one.value,
                assessment=self.number,
            )


def _same_type_percent(
    document: AssessmentDocument, pair: PairAssessment
) -> float | None:
    """Share of the plausible registrations that give the reported type."""
    if document.uncertainty is None:
        return None
    for one in document.uncertainty.pairs:
        if (one.earlier, one.second) == ((pair.first,), pair.second):
            if not one.resbrt_type:
                return None
            return one.resbrt_type.get(one.reported_type, 0.0)
    return None


def _organ(document: AssessmentDocument) -> tuple[str, list[str]]:
    """Standard name of the organ in which overlap was measured."""
    for one in document.structures:
        if one.name == document.organ and one.standard_name is not None:
            return one.standard_name, []
    meant, _ = understand(document.organ, "ORGAN", load_structure_names(), {})
    if meant is not None:
        return meant, []
    said = (
        f"the organ in which overlap was measured has no standard name and is kept as "
        f"{ANOTHER_ORGAN!r}. Say what it means in the settings under [structures] and "
        f"assess again."
    )
    return ANOTHER_ORGAN, [said]


def _organs(
    document: AssessmentDocument,
) -> tuple[list[AssessedStructure], list[str]]:
    """Organs with a standard name of their own, and what is left out."""
    drawn = [one for one in document.structures if one.role == Role.ORGAN.value]
    named: dict[str, list[AssessedStructure]] = {}
    for one in drawn:
        if one.standard_name is not None:
            named.setdefault(one.standard_name, []).append(one)
    chosen, doubtful = [], []
    for name, those in named.items():
        own = [one for one in those if one.source_course == document.reference_course]
        candidates = own if len(those) > 1 else those
        if len(candidates) == 1:
            chosen += candidates
        else:
            doubtful.append(name)
    remarks = []
    unnamed = sum(one.standard_name is None for one in drawn)
    if unnamed:
        remarks.append(
            f"{unnamed} organ(s) have no standard name, and their doses are left out. "
            f"Say what they mean in the settings under [structures] and assess again."
        )
    if doubtful:
        remarks.append(
            f"drawn more than once, so that their doses are left out: "
            f"{', '.join(doubtful)}."
        )
    return chosen, remarks


def _about_verdict(document: AssessmentDocument) -> Sequence[str]:
    remarks = []
    if is_withheld(document):
        remarks.append(
            "the verdict was withheld; the type is kept as undetermined where nobody "
            "entered one, and what is not known stays empty."
        )
    if document.united_pairs:
        remarks.append(
            "the overlap with several earlier courses together is not kept, only that "
            "of each pair."
        )
    return remarks

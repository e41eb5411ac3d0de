"""The list of cases, one case, its landmarks and its audit trail."""

from typing import Annotated

from fastapi import APIRouter, Query

from reirrad.core.landmarks import LandmarkPair
from reirrad.errors import StoreError
from reirrad.store import landmarks as kept_landmarks
from reirrad.store.cases import (
    Case,
    CaseRow,
    Version,
    delete_case,
    get_case,
    list_cases,
    list_versions,
)
from reirrad.store.reviews import review_of
from reirrad.store.trail import events
from reirrad.web.answers import (
    REFUSALS,
    CaseAnswer,
    CaseLine,
    EventAnswer,
    LandmarksAnswer,
    PairAnswer,
    PointAnswer,
    ReviewAnswer,
    TrailAnswer,
    VersionAnswer,
)
from reirrad.web.bodies import CaseId, Landmarks, Pair, Point
from reirrad.web.callers import Physicist, Reader
from reirrad.web.landmark_frames import (
    error_mm,
    fitting,
    framed,
    not_used,
    shown_version,
)
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.problems import RefusedError

__all__ = ["known_case", "router", "version_answer"]

router = APIRouter(prefix="/api/cases", tags=["cases"], responses=REFUSALS)

AskedVersion = Annotated[int | None, Query(ge=1, le=1_000_000)]


def known_case(parts: ServerParts, case_id: str) -> Case:
    """The case of that number.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = get_case(parts.store, case_id)
    if found is None:
        raise RefusedError(404, "There is no such case. It may have been deleted.")
    return found


def version_answer(parts: ServerParts, version: Version) -> VersionAnswer:
    """A version and what was decided about it."""
    review = review_of(parts.store, version.case_id, version.number)
    return VersionAnswer(
        number=version.number,
        created=version.created,
        created_by=version.created_by,
        reason=version.reason,
        state=version.state,
        problems=list(version.problems),
        based_on=version.based_on,
        registered=version.registered,
        unusable_courses=list(version.unusable_courses),
        review=ReviewAnswer.model_validate(review),
    )


@router.get("")
def cases(_: Reader, parts: Parts) -> list[CaseLine]:
    """Every case with its newest version, the newest case first."""
    return [
        _line(row, row.version)
        for row in list_cases(parts.store)
        if row.version is not None
    ]


@router.get("/{case}")
def case(case: CaseId, _: Reader, parts: Parts) -> CaseAnswer:
    """One case and all its versions."""
    known = known_case(parts, case)
    versions = list_versions(parts.store, case)
    done = [one.number for one in versions if one.state == "done"]
    return CaseAnswer(
        id=known.id,
        created=known.created,
        created_by=known.created_by,
        versions=[version_answer(parts, one) for one in versions],
        current=max(done or [one.number for one in versions], default=1),
    )


@router.delete("/{case}", status_code=204)
def remove_case(case: CaseId, caller: Physicist, parts: Parts) -> None:
    """Delete a case and its files; one with an approved version is kept."""
    known_case(parts, case)
    try:
        with parts.folders.deleting(case):
            delete_case(parts.store, case, caller.account)
            parts.opened.close(case)
    except StoreError as error:
        raise RefusedError(409, *error.problems) from error


@router.get("/{case}/trail")
def trail(case: CaseId, _: Reader, parts: Parts) -> TrailAnswer:
    """Who did what to a case, and when."""
    known_case(parts, case)
    found = events(parts.store, case)
    return TrailAnswer(events=[EventAnswer.model_validate(one) for one in found])


@router.get("/{case}/landmarks")
def landmarks(
    case: CaseId, _: Reader, parts: Parts, version: AskedVersion = None
) -> LandmarksAnswer:
    """Pairs of a case; their errors under a version's registration."""
    known_case(parts, case)
    return _landmarks(parts, case, version)


@router.put("/{case}/landmarks")
def save_landmarks(
    *,
    case: CaseId,
    body: Landmarks,
    caller: Physicist,
    parts: Parts,
    version: AskedVersion = None,
) -> LandmarksAnswer:
    """Keep these pairs as the ones that count now."""
    known_case(parts, case)
    shown = shown_version(list_versions(parts.store, case), version)
    # Pairs of other images are not on the page that sends these; they stay.
    others = fitting(kept_landmarks.landmarks(parts.store, case), shown).others
    pairs = [framed(_kept(pair), shown) for pair in body.pairs]
    try:
        kept_landmarks.save_landmarks(
            parts.store,
            case,
            caller.account,
            [*pairs, *others],
            based_on=body.based_on,
        )
    except StoreError as error:
        raise RefusedError(409, *error.problems) from error
    return _landmarks(parts, case, version)


def _line(row: CaseRow, number: int) -> CaseLine:
    summary = row.summary or {}
    return CaseLine(
        id=row.id,
        # The Patient ID is known from an older version while the newest is not done.
        label=(row.last_summary or {}).get("label"),
        created=row.created,
        version=number,
        state=row.state,
        problems=list(row.problems),
        step=row.step,
        resbrt_type=summary.get("resbrt_type"),
        interval_days=summary.get("interval_days"),
        flags=summary.get("flags", []),
        registration=row.review.registration,
        assessment=row.review.assessment,
        organ=summary.get("organ"),
        registered=row.review.registered,
    )


def _landmarks(parts: ServerParts, case_id: str, number: int | None) -> LandmarksAnswer:
    # Read before the pairs: at worst a set that is newer is taken for a stale one.
    newest = kept_landmarks.landmark_set(parts.store, case_id)
    shown = shown_version(list_versions(parts.store, case_id), number)
    found = fitting(kept_landmarks.landmarks(parts.store, case_id), shown)
    return LandmarksAnswer(
        id=newest,
        pairs=[
            PairAnswer(
                label=pair.label,
                course=pair.course,
                earlier_mm=_point(pair.earlier_mm),
                reference_mm=_point(pair.reference_mm),
            )
            for pair in found.pairs
        ],
        errors_mm=[error_mm(pair, shown) for pair in found.pairs],
        not_used=not_used(found.others),
    )


def _kept(pair: Pair) -> LandmarkPair:
    return LandmarkPair(
        pair.label, pair.course, _xyz(pair.earlier_mm), _xyz(pair.reference_mm)
    )


def _xyz(point: Point) -> tuple[float, float, float]:
    return point.x, point.y, point.z


def _point(xyz: tuple[float, float, float]) -> PointAnswer:
    return PointAnswer(x=xyz[0], y=xyz[1], z=xyz[2])

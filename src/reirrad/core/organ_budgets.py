"""What each limit of an organ leaves for a new course, row by row."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from reirrad.core.budget import (
    DecidingPlace,
    FractionBudget,
    OrganBudget,
    RecoveredBudget,
)
from reirrad.core.constraint_rows import Constraint, lacking_volume, limit_kind
from reirrad.core.hot_places import PlacedTarget, hottest, place_of
from reirrad.core.organ_doses import KeptRatio, OrganDoses
from reirrad.core.organ_limits import (
    NOTHING_LEFT,
    DecidingDose,
    OrganLimit,
    deciding_dose,
    not_limited,
    organ_limits,
)
from reirrad.core.radiobiology import dose_for_eqd2
from reirrad.core.recovery import KeptShares

__all__ = [
    "LeastLeft",
    "is_near_maximum",
    "least_left",
    "limiting_rows",
    "near_maximum_left",
    "organ_budgets",
]

NEAR_MAXIMUM_CC = 1.0
OUTSIDE_GRID = "not known: part of the organ lies outside a dose grid"


class LeastLeft(NamedTuple):
    """What the binding limits among some rows leave, for one number of fractions.

    Parameters
    ----------
    lowest
        Index of the row that leaves the least physical dose of those whose value is
        known; None where no such row bounds it.
    not_known
        Indices of the rows that bound it, but whose value is not known.
    is_known
        Whether no row can leave less than `lowest`: every value is known, or nothing
        is left in any case. If not, the dose of `lowest` is no more than an upper
        bound.
    """

    lowest: int | None
    not_known: tuple[int, ...]
    is_known: bool

    @property
    def deciding(self) -> int | None:
        """Index of the row that decides, one that is not known before any other.

        None where no row bounds the dose.
        """
        return self.lowest if self.is_known else self.not_known[0]


class _Left(NamedTuple):
    """What a limit leaves: EQD2 of the background, EQD2 and physical dose left."""

    background_gy: float | None
    eqd2_gy: float | None
    dose_gy: float | None
    note: str
    not_known: bool = False


def organ_budgets(
    organ: OrganDoses,
    constraints: Collection[Constraint],
    *,
    fractions: Sequence[int],
    targets: Sequence[PlacedTarget],
    minus_gtv: OrganDoses | None = None,
    kept: KeptShares | None = None,
) -> tuple[OrganBudget, ...]:
    """Every limit of one organ, and what it leaves for each number of fractions.

    Parameters
    ----------
    organ
        Doses in the organ, which must have a standard name.
    constraints
        Rows of the sets to evaluate.
    fractions
        Numbers of fractions of the new course.
    targets
        Targets of the new course, for distances.
    minus_gtv
        The organ without the GTVs, for limits that ask for it.
    kept
        What still counts of the earlier courses. The rows are those without recovery;
        where a share is not 1, what it would leave stands beside.
    """
    families: dict[tuple[object, ...], dict[int, OrganLimit]] = {}
    kinds: set[tuple[object, ...]] = set()
    for number in fractions:
        for limit in organ_limits(
            constraints,
            organ.standard_name or "",
            n_fractions=number,
            alpha_beta_gy=organ.alpha_beta_gy,
        ):
            families.setdefault(limit.family, {})[number] = limit
            if limit.applicable:
                kinds.add((number, limit.scope, limit_kind(limit.constraint)))
    recovering = kept is not None and any(
        share != 1.0 for number, share in kept.ratio.items() if number in organ.courses
    )
    places: dict[tuple[object, ...], DecidingPlace] = {}
    rows = []
    for by_number in families.values():
        limit = next(iter(by_number.values()))
        basis = organ if limit.constraint.basis == "whole" else minus_gtv
        rows.append(
            OrganBudget(
                structure=_structure(limit.constraint, organ),
                label=organ.label,
                metric=limit.constraint.metric,
                relation=limit.constraint.relation,
                quantity=limit.constraint.quantity,
                alpha_beta_gy=limit.constraint.alpha_beta_gy,
                scope=limit.scope,
                level=limit.constraint.level,
                binding=limit.binding,
                set=limit.constraint.set,
                source=limit.constraint.source,
                verification=limit.constraint.verification,
                note="" if limit.depends_on_fractions else limit.constraint.note,
                by_fractions=tuple(
                    _fraction_budget(
                        by_number.get(number),
                        number,
                        basis,
                        missing=_missing(limit, number, kinds),
                        kept_ratio=kept.ratio
                        if kept and recovering and kept.may_recover(limit.constraint)
                        else None,
                    )
                    for number in fractions
                ),
                place=_place(limit, basis, targets, places),
            )
        )
    return tuple(rows)


def limiting_rows(
    rows: Sequence[OrganBudget], fractions: Sequence[int]
) -> tuple[int | None, ...]:
    """Which binding limit on a hottest volume leaves the least, for each of fractions.

    A limit whose value is not known stands before any other: it could leave less.
    Means and large volumes are not compared with them: an even dose to a whole organ
    is no plan.
    """
    return tuple(
        near_maximum_left(rows, place).deciding for place in range(len(fractions))
    )


def near_maximum_left(rows: Sequence[OrganBudget], place: int) -> LeastLeft:
    """What the binding limits on a hottest volume leave, as by :func:`least_left`."""
    hot = [n for n, row in enumerate(rows) if is_near_maximum(row.metric)]
    return least_left(rows, place, among=hot)


def least_left(
    rows: Sequence[OrganBudget], place: int, *, among: Collection[int] | None = None
) -> LeastLeft:
    """Which binding limit leaves the least, and whether that is known at all.

    Parameters
    ----------
    rows
        Limits to compare.
    place
        Index of the number of fractions.
    among
        Indices of the rows that count; None for all.
    """
    left: dict[int, float] = {}
    not_known = []
    for index, row in enumerate(rows):
        if not row.binding or (among is not None and index not in among):
            continue
        found = row.by_fractions[place]
        if found.not_known:
            not_known.append(index)
        elif found.dose_gy is not None:
            left[index] = found.dose_gy
    lowest = min(left, key=lambda index: left[index]) if left else None
    nothing = lowest is not None and left[lowest] <= 0.0
    return LeastLeft(lowest, tuple(not_known), nothing or not not_known)


def is_near_maximum(metric: str) -> bool:
    """Whether a metric is the maximum or the dose to a cubic centimetre or less."""
    if metric == "Max[Gy]":
        return True
    if not (metric.startswith("D") and metric.endswith("cc[Gy]")):
        return False
    return float(metric[1 : -len("cc[Gy]")]) <= NEAR_MAXIMUM_CC


def _structure(row: Constraint, organ: OrganDoses) -> str:
    name = organ.standard_name or organ.label
    return f"{name}-GTV" if row.basis == "minus GTV" else name


def _missing(
    limit: OrganLimit, number: int, kinds: Collection[tuple[object, ...]]
) -> str:
    """What is said where a row has no limit for a number of fractions."""
    if (number, limit.scope, limit_kind(limit.constraint)) in kinds:
        return "limited at another dose level"
    return not_limited(limit.constraint.set, number)


def _fraction_budget(
    limit: OrganLimit | None,
    number: int,
    organ: OrganDoses | None,
    *,
    missing: str,
    kept_ratio: KeptRatio | None,
) -> FractionBudget:
    if limit is None or not limit.applicable:
        return FractionBudget(number, None, None, None, None, missing)
    if organ is None:
        given = limit.constraint.limit
        return FractionBudget(number, given, None, None, None, NOTHING_LEFT)
    left = _left(limit, organ, None)
    recovered = None
    if kept_ratio is not None and limit.scope == "cumulative":
        more = _left(limit, organ, kept_ratio)
        recovered = RecoveredBudget(more.background_gy, more.eqd2_gy, more.dose_gy)
    row_note = limit.constraint.note if limit.depends_on_fractions else ""
    return FractionBudget(
        n_fractions=number,
        limit=limit.constraint.limit,
        background_eqd2_gy=left.background_gy,
        remaining_eqd2_gy=left.eqd2_gy,
        dose_gy=left.dose_gy,
        note="; ".join(text for text in (left.note, limit.note, row_note) if text),
        recovered=recovered,
        not_known=left.not_known,
    )


def _left(
    limit: OrganLimit, organ: OrganDoses, kept_ratio: Mapping[int, float] | None
) -> _Left:
    row = limit.constraint
    deciding = deciding_dose(row, organ.volume_cc)
    unbound = lacking_volume(row.metric, organ.volume_cc)
    if deciding.always:
        unbound = "cannot be exceeded: the organ is smaller than the volume"
    if unbound:
        return _Left(None, None, None, unbound)
    if deciding.never:
        note = "cannot be met: the organ is smaller than the volume to be spared"
        return _Left(None, None, 0.0, note)
    if row.quantity == "physical" or row.alpha_beta_gy is None:
        return _Left(None, None, deciding.level_gy, "")
    ratio = row.alpha_beta_gy
    level = deciding.level_gy
    if row.quantity == "BED":
        level *= ratio / (ratio + 2.0)
    background = None
    if limit.scope == "cumulative":
        background = _background_gy(row, deciding, organ, kept_ratio)
        if background is None:
            return _Left(None, None, None, OUTSIDE_GRID, not_known=True)
    left = level - (background or 0.0)
    dose = dose_for_eqd2(
        max(left, 0.0), n_fractions=limit.n_fractions, alpha_beta_gy=ratio
    )
    return _Left(background, left, float(dose), "")


def _background_gy(
    row: Constraint,
    deciding: DecidingDose,
    organ: OrganDoses,
    kept_ratio: Mapping[int, float] | None,
) -> float | None:
    """EQD2 of the background at the volume that decides; None where it is not known."""
    known = organ.known_background(row.alpha_beta_gy or 0.0, kept_ratio)
    if row.metric.endswith("[Gy]"):
        return known.metric(row.metric)
    # The dose at the volume that the limit names.
    return known.metric(f"D{deciding.volume_cc:.6f}cc[Gy]")


def _place(
    limit: OrganLimit,
    organ: OrganDoses | None,
    targets: Sequence[PlacedTarget],
    places: dict[tuple[object, ...], DecidingPlace],
) -> DecidingPlace | None:
    """The part of the organ that decides; places found before are not sought again."""
    row = limit.constraint
    if organ is None or limit.scope != "cumulative" or row.alpha_beta_gy is None:
        return None
    deciding = deciding_dose(row, organ.volume_cc)
    lacking = lacking_volume(row.metric, organ.volume_cc)
    if deciding.always or deciding.never or lacking:
        return None
    key = (row.basis, row.alpha_beta_gy, deciding.volume_cc)
    if key not in places:
        background = organ.background_eqd2_gy(row.alpha_beta_gy)
        hot = hottest(background, organ.volumes_cc, deciding.volume_cc)
        places[key] = place_of(organ.points_mm[hot], organ.volumes_cc[hot], targets)
    return places[key]

"""The limits of an organ, each with the dose that it is about."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from reirrad.core.budget import NamedLimit
from reirrad.core.constraint_rows import Constraint, lacking_volume
from reirrad.core.organ_doses import OrganDoses, ScaledDose
from reirrad.core.organ_limits import (
    NOTHING_LEFT,
    OrganLimit,
    deciding_dose,
    not_limited,
    organ_limits,
)

__all__ = ["UNCOVERED", "LimitQuestion", "LimitedOrgan", "limit_questions"]

TOO_SMALL = "the organ is smaller than the volume to be spared"
UNCOVERED = (
    "the value hangs on dose outside a dose grid, and only the dose inside bounds it"
)


@dataclass(frozen=True, slots=True, eq=False)
class LimitedOrgan:
    """An organ whose limits bound a new course.

    Parameters
    ----------
    whole
        Doses in the organ as drawn.
    minus_gtv
        Doses in it without the GTVs; None where nothing asks for that or nothing is
        left.
    """

    whole: OrganDoses
    minus_gtv: OrganDoses | None

    def basis(self, constraint: Constraint) -> OrganDoses | None:
        """The doses that a limit is about."""
        return self.whole if constraint.basis == "whole" else self.minus_gtv


@dataclass(frozen=True, slots=True, eq=False)
class LimitQuestion:
    """A limit of an organ, and the dose that it is about.

    Parameters
    ----------
    limit, named
        The limit, as a row and as it is reported.
    scaled
        The dose; None where nothing is known of it. Where the limit hangs on dose
        beyond a grid, that inside the grids, which is the least there can be.
    reason
        Why the limit is not evaluated; empty where it is.
    """

    limit: OrganLimit
    named: NamedLimit
    scaled: ScaledDose | None
    reason: str


def limit_questions(
    organ: LimitedOrgan,
    constraints: Collection[Constraint],
    *,
    n_fractions: int,
    planned: bool,
    binding: bool = True,
) -> Iterator[LimitQuestion]:
    """Every limit of an organ with the dose that it is about.

    Parameters
    ----------
    organ
        With a standard name.
    constraints, n_fractions, planned
        As in :func:`reirrad.core.isotoxic.scale_bounds`.
    binding
        Whether the binding limits are asked for, or the others.
    """
    made: dict[object, ScaledDose] = {}
    for limit in organ_limits(
        constraints,
        organ.whole.standard_name or "",
        n_fractions=n_fractions,
        alpha_beta_gy=organ.whole.alpha_beta_gy,
    ):
        if limit.binding is not binding:
            continue
        row, named = limit.constraint, named_limit(organ, limit)
        doses = organ.basis(row)
        if not limit.applicable:
            reason = not_limited(row.set, limit.n_fractions)
            yield LimitQuestion(limit, named, None, reason)
            continue
        if doses is None:
            yield LimitQuestion(limit, named, None, NOTHING_LEFT)
            continue
        lacking = lacking_volume(row.metric, doses.volume_cc)
        if lacking:
            yield LimitQuestion(limit, named, None, lacking)
            continue
        key = (row.basis, limit.scope, row.quantity, row.alpha_beta_gy)
        if key not in made:
            made[key] = doses.scaled(
                limit.scope,
                row.quantity,
                row.alpha_beta_gy,
                n_fractions=None if planned else n_fractions,
            )
        if made[key].is_known(row.metric, 1.0):
            yield LimitQuestion(limit, named, made[key], "")
        else:
            inside = made[key].inside_grids()
            yield LimitQuestion(limit, named, inside, UNCOVERED)


def named_limit(organ: LimitedOrgan, limit: OrganLimit) -> NamedLimit:
    """A limit with what a reader needs to judge it."""
    row = limit.constraint
    name = organ.whole.standard_name or organ.whole.label
    doses = organ.basis(row)
    never = doses is not None and deciding_dose(row, doses.volume_cc).never
    too_small = TOO_SMALL if never else ""
    return NamedLimit(
        structure=f"{name}-GTV" if row.basis == "minus GTV" else name,
        label=organ.whole.label,
        metric=row.metric,
        relation=row.relation,
        limit=row.limit,
        quantity=row.quantity,
        alpha_beta_gy=row.alpha_beta_gy,
        scope=limit.scope,
        level=row.level,
        set=row.set,
        source=row.source,
        verification=row.verification,
        note="; ".join(text for text in (too_small, limit.note, row.note) if text),
        too_small=never,
    )

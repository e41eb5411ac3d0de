"""Made-up cohorts: one of the size of a publication, and one for scale.

Nobody's data: every number is drawn by chance from plausible ranges. The smaller cohort
has the units of Chiloiro et al. (Radiat Oncol 2024;19:52): 18 patients, 20 courses, 25
lesions; 7 courses of type 1A, 8 of 1B, 5 without more than minimal overlap.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.core.constraints import Constraint
from reirrad.phantoms.chances import one_of
from reirrad.phantoms.example_organs import made_up_organs
from reirrad.phantoms.example_outcome import made_up_outcome
from reirrad.phantoms.example_treatment import Field, made_up_treatment

__all__ = ["SEED", "example_cohort", "large_cohort"]

SEED = 20240519
LESIONS: tuple[tuple[int, ...], ...] = ((1, 1), (1, 1), *((2,),) * 5, *((1,),) * 11)
FIELDS: tuple[Field, ...] = (
    *(("1A",) * 7),
    *(("1B",) * 8),
    *(("2 minimal",) * 3),
    *(("2 none",) * 2),
)


def example_cohort(
    seed: int = SEED, *, constraints: Collection[Constraint] = ()
) -> Cohort:
    """18 patients with 20 re-irradiation courses of 25 lesions, and what followed.

    Parameters
    ----------
    seed
        The same seed gives the same cohort.
    constraints
        Limits that are tested for every patient; none by default.
    """
    rng = np.random.default_rng(seed)
    lesions = [LESIONS[at] for at in rng.permutation(len(LESIONS))]
    fields = [FIELDS[at] for at in rng.permutation(len(FIELDS))]
    return _made_up_cohort(lesions, fields, constraints, rng)


def large_cohort(
    n_patients: int = 1000,
    seed: int = SEED,
    *,
    constraints: Collection[Constraint] = (),
) -> Cohort:
    """Many patients of the same kind.

    Parameters
    ----------
    n_patients
        How many.
    seed, constraints
        As in :func:`example_cohort`.
    """
    rng = np.random.default_rng(seed)
    lesions = [LESIONS[int(rng.integers(len(LESIONS)))] for _ in range(n_patients)]
    shares = (0.35, 0.40, 0.15, 0.10)
    kinds: tuple[Field, ...] = ("1A", "1B", "2 minimal", "2 none")
    fields = [one_of(kinds, shares, rng) for _ in range(sum(map(len, lesions)))]
    return _made_up_cohort(lesions, fields, constraints, rng)


def _made_up_cohort(
    lesions: Sequence[Sequence[int]],
    fields: Sequence[Field],
    constraints: Collection[Constraint],
    rng: np.random.Generator,
) -> Cohort:
    digits = max(3, len(str(len(lesions))))
    records: list[Record] = []
    used = 0
    for number, n_lesions in enumerate(lesions, start=1):
        own = fields[used : used + len(n_lesions)]
        used += len(n_lesions)
        pseudonym = f"EX{number:0{digits}d}"
        records += _patient_records(pseudonym, n_lesions, own, constraints, rng=rng)
    return cohort_of(records)


def _patient_records(
    pseudonym: str,
    n_lesions: Sequence[int],
    fields: Sequence[Field],
    constraints: Collection[Constraint],
    *,
    rng: np.random.Generator,
) -> Iterator[Record]:
    treatment = made_up_treatment(pseudonym, n_lesions, fields, rng)
    organs = made_up_organs(treatment, rng)
    outcome = made_up_outcome(
        treatment, duodenum_eqd2_gy=organs.near_maximum_eqd2_gy("Duodenum"), rng=rng
    )
    yield treatment.patient
    yield outcome.followup
    for some in (
        treatment.courses,
        treatment.lesions,
        treatment.plans,
        treatment.fractions,
        treatment.overlaps,
        outcome.responses,
        outcome.progressions,
        outcome.toxicities,
        outcome.laboratory,
        outcome.visits,
        outcome.systemic,
        organs.dose_records(),
        organs.limit_records(constraints),
    ):
        yield from some

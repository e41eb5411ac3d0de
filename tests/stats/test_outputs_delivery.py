"""O26 and O29 counted by hand."""

from dataclasses import replace

from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Fraction, Plan
from reirrad.stats.outputs_delivery import delivery_outputs
from tests.stats.cohorts import COHORT, ask, counts, with_records

ANY, ALWAYS = "plans with any adapted", "plans always adapted"
OF_ADAPTED = "fractions adapted, of adapted plans"
OF_ALL = "fractions adapted, of all plans"

PLAN = Plan(patient="B", number=1, course=2, n_fractions=2)
FRACTIONS = tuple(
    Fraction(patient="B", number=n, plan=1, index=n, adapted=False) for n in (1, 2)
)


def test_o26_plans_lesions_and_fractions_have_their_own_denominators() -> None:
    found, _ = delivery_outputs(ask(with_records(COHORT, PLAN, *FRACTIONS)))
    assert found.id == "O26"
    assert counts(found, ANY) == ({ANY: 1}, 2, 0)
    assert counts(found, ALWAYS) == ({}, 2, 0)
    lesions = counts(found, "lesions of adapted plans")
    assert lesions == ({"liver": 1, "peritoneum": 1}, 2, 0)
    assert counts(found, OF_ADAPTED) == ({OF_ADAPTED: 1}, 2, 0)
    assert counts(found, OF_ALL) == ({OF_ALL: 1}, 4, 0)
    reasons = counts(found, "reason of adapted fractions")
    assert reasons == ({"organ_at_risk": 1}, 1, 0)
    assert counts(found, ANY, "1B") == ({}, 1, 0)
    assert found.notes == ("Fractions are recorded for 2 of 2 plans.",)


def test_o26_always_adapted_needs_every_fraction_of_the_plan() -> None:
    adapted = [replace(one, adapted=True) for one in FRACTIONS]

    def always(*records: Plan | Fraction) -> tuple[dict[str, int], int, int]:
        cohort = with_records(COHORT, *records)
        return counts(delivery_outputs(ask(cohort))[0], ALWAYS, "1B")

    assert always(PLAN, *adapted) == ({ALWAYS: 1}, 1, 0)
    assert always(PLAN, adapted[0]) == ({}, 1, 0)
    assert always(replace(PLAN, n_fractions=None), *adapted) == ({}, 0, 1)


def test_o26_plans_of_earlier_courses_and_without_fractions_are_not_counted() -> None:
    earlier = replace(PLAN, course=1)
    found, _ = delivery_outputs(ask(with_records(COHORT, earlier, *FRACTIONS)))
    assert counts(found, ANY) == ({ANY: 1}, 1, 0)
    without, _ = delivery_outputs(ask(with_records(COHORT, PLAN)))
    assert without.notes == ("Fractions are recorded for 1 of 2 plans.",)


def test_o29_completion_is_not_assumed() -> None:
    _, found = delivery_outputs(ask(COHORT))
    assert found.id == "O29"
    assert counts(found, "completed") == ({"completed": 2}, 2, 3)
    assert counts(found, "interrupted") == ({}, 1, 4)
    _, empty = delivery_outputs(ask(Cohort()))
    assert counts(empty, "completed") == ({}, 0, 0)

"""Groups of patients, courses and lesions."""

from typing import get_args

from reirrad.core.cohort.records import Cohort
from reirrad.stats.questions import StrataName
from reirrad.stats.strata import compared_strata, present_strata, stratified_by
from reirrad.stats.study import Study
from tests.stats.cohorts import COHORT, ask


def of_patients(study: Study) -> list[str]:
    return [stratum for stratum, _ in study.by_patient(lambda _: None)]


def of_courses(study: Study) -> list[str]:
    return [stratum for stratum, _ in study.by_course(lambda *_: None)]


def of_lesions(study: Study) -> list[str]:
    return [stratum for stratum, _ in study.by_lesion(lambda *_: None)]


def test_a_patient_has_the_type_of_the_first_course_a_lesion_that_of_its_course() -> (
    None
):
    study = ask(COHORT)
    assert study.strata == ("1A", "1B", "2", "not known")
    assert of_patients(study) == ["1A", "1B", "2", "not known"]
    assert of_courses(study) == ["1A", "1B", "1A", "2", "not known"]
    assert of_lesions(study) == ["1A", "1A", "1B", "1A", "2"]


def test_the_type_as_applied_may_differ() -> None:
    study = ask(COHORT, strata="as_applied_type")
    assert of_courses(study) == ["1A", "1B", "2", "2", "not known"]


def test_strata_by_patient_course_and_lesion() -> None:
    sexes = ask(COHORT, strata="sex")
    assert sexes.strata == ("female", "male", "not known")
    assert of_lesions(sexes) == ["female", "female", "male", "male", "female"]
    techniques = ask(COHORT, strata="technique")
    assert of_courses(techniques) == ["mr_guided", "vmat", *["not known"] * 3]
    categories = ask(COHORT, strata="estro_eortc")
    assert of_courses(categories) == ["type 1", *["not known"] * 4]
    primaries = ask(COHORT, strata="primary_site")
    assert of_patients(primaries) == ["colorectal"] * 2 + ["not known"] * 2


def test_a_course_at_two_sites_is_of_several_its_lesions_of_their_own() -> None:
    study = ask(COHORT, strata="irradiated_site")
    assert study.strata == ("liver", "peritoneum", "several", "not known")
    assert of_patients(study) == ["several", "liver", "not known", "not known"]
    assert of_lesions(study) == ["liver", "peritoneum", "liver", "liver", "not known"]


def test_strata_keep_their_declared_order_and_only_those_that_occur() -> None:
    found = {"2", "1B*", "1A", "undetermined", "not known"}
    assert present_strata(found, "resbrt_type") == (
        "1A",
        "1B*",
        "2",
        "undetermined",
        "not known",
    )


def test_groups_that_do_not_say_what_a_unit_is_are_not_compared() -> None:
    strata = ("1A", "2", "undetermined", "several", "not known")
    assert compared_strata(strata) == ("1A", "2")


def test_nobody_has_no_strata() -> None:
    assert ask(Cohort()).strata == ()


def test_every_stratification_has_words_of_its_own() -> None:
    words = [stratified_by(name) for name in get_args(StrataName)]
    assert len(set(words)) == 7
    assert "type of re-irradiation, strict reading" in words

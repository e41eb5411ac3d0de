"""From paths to the courses of one patient."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.nomenclature import understand
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.importing import Imported, ImportRules, import_courses
from reirrad.errors import InputError
from reirrad.knowledge.rules import rule_limits
from reirrad.knowledge.structure_names import load_structure_names

__all__ = ["Survey", "gather", "gather_background", "is_organ", "survey"]

Survey = Imported
"""What the given paths hold: see :class:`~reirrad.dicom.importing.Imported`."""


def survey(
    paths: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda _: None,
    with_new_anatomy: bool = False,
) -> Survey:
    """Read whatever the paths hold, without raising for faults of the input.

    Parameters
    ----------
    paths
        Folders (searched recursively), files and zips.
    settings
        The user's decisions.
    progress
        Told each step in a few words.
    with_new_anatomy
        Whether the newest structure set without dose is read too.

    Returns
    -------
    Survey
        With every fault of the input in `problems`.
    """
    limits = rule_limits("gathering_rules")
    names = load_structure_names()

    drawn: set[str] = set()

    def meaning(name: str, dicom_type: str) -> tuple[str | None, Role]:
        drawn.add(name.strip())
        return understand(name, dicom_type, names, settings.structures)

    found = import_courses(
        paths,
        settings=settings,
        rules=ImportRules(
            same_course_days=limits["same_course_days"],
            dose=DoseRules(
                limits["lowest_max_over_prescription"],
                limits["highest_max_over_prescription"],
                limits["widest_uneven_step_mm"],
                limits["impossible_max_over_prescription"],
                limits["impossible_external_max_over_prescription"],
                limits["dose_per_fraction_low_gy"],
                limits["dose_per_fraction_high_gy"],
            ),
            short_interval_days=limits["short_interval_days"],
        ),
        understand=meaning,
        progress=progress,
        with_new_anatomy=with_new_anatomy,
    )
    unknown = [] if found.problems else _names_of_nothing(settings, drawn)
    if unknown and settings.of_many_patients:
        remarks = [
            Finding("structure-setting-unused", "info", "settings", text)
            for text in unknown
        ]
        return replace(found, findings=(*found.findings, *remarks))
    return replace(found, problems=(*found.problems, *unknown))


def _names_of_nothing(settings: Settings, drawn: Collection[str]) -> list[str]:
    """Keys of [structures] that match no drawn name, in sentences."""
    known = {name.casefold() for name in drawn}
    listed = ", ".join(repr(name) for name in sorted(drawn))
    return [
        f"settings structures.{name}: no structure has this drawn name. Use one of "
        f"{listed}, or leave it out."
        for name in settings.structures
        if drawn and name.strip().casefold() not in known
    ]


def gather(
    paths: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Read two or more courses that can be assessed.

    Raises
    ------
    InputError
        With one sentence for every fault of the input, fewer than two courses, and an
        organ that no course has.
    """
    found = survey(paths, settings, progress=progress)
    problems = list(found.problems)
    alone = found.trees[0].courses if len(found.trees) == 1 else ()
    if len(alone) == 1:
        problems.append(
            f"One course only was found ({alone[0].label}). Add the export of "
            f"the other course. Where no other course is planned yet, `reirrad budget` "
            f"says what can still be given."
        )
    if found.courses and not any(
        is_organ(structure.name, structure.standard_name, settings)
        for course in found.courses
        for structure in course.structures
    ):
        problems.append(_no_organ(found.courses, settings))
    if not problems and len(found.courses) < 2:
        problems.append("Fewer than two courses were found. Add the missing exports.")
    if problems:
        raise InputError(*problems)
    return found


def gather_background(
    paths: Sequence[Path],
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Read one course or more, and the anatomy of a course that is not planned yet.

    Raises
    ------
    InputError
        With one sentence for every fault of the input, and for no course.
    """
    found = survey(paths, settings, progress=progress, with_new_anatomy=True)
    problems = list(found.problems)
    if not problems and not found.courses:
        problems.append(
            "No course with dose was found. Add the export of the treated course."
        )
    if problems:
        raise InputError(*problems)
    return found


def is_organ(name: str, standard_name: str | None, settings: Settings) -> bool:
    """Whether a structure is the organ in which overlap is measured."""
    wanted = settings.organ.strip().casefold()
    meant, _ = understand(settings.organ, "ORGAN", load_structure_names(), {})
    if standard_name is not None and standard_name == meant:
        return True
    return wanted in {name.strip().casefold(), (standard_name or "").casefold()}


def _no_organ(courses: Sequence[Course], settings: Settings) -> str:
    listed = "; ".join(
        f"course {course.number}: " + ", ".join(one.name for one in course.structures)
        for course in courses
    )
    return (
        f"No structure is, or means, {settings.organ!r}. Give another organ with "
        f"--organ, or say what a name means in the settings under [structures]. "
        f"Structures there are: {listed}."
    )

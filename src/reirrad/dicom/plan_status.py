"""Plans that were not made, or not accepted, for treating the patient.

See ``docs/decisions/0038-doubtful-plans-doses-and-links.md``.
"""

from collections.abc import Iterable, Mapping

from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import named, text
from reirrad.dicom.export import Export
from reirrad.dicom.rtdose import DoseHeader, objects_of
from reirrad.dicom.rtplan import Plan

__all__ = ["set_aside_untreated"]

# Their dose is that of a phantom or of no patient at all: DICOM PS3.3, C.8.8.9.
NOT_FOR_PATIENTS = frozenset({"VERIFICATION", "MACHINE_QA", "SERVICE"})
USUAL_INTENTS = frozenset({"", "CURATIVE", "PALLIATIVE", "PROPHYLACTIC"})


def set_aside_untreated(export: Export, audit: Audit) -> None:
    """Take plans that cannot have been treated out of an export, with their doses.

    These are plans for quality assurance and service, and rejected ones. Other plans
    with an unusual intent, or not approved, stay and are noted.

    Parameters
    ----------
    export
        Its plans and doses are changed, and structure sets that only plans for quality
        assurance refer to are taken out too.
    audit
        Receives a finding for each plan, and a problem where no dose remains.

    References
    ----------
    DICOM PS3.3, section C.8.8.9 (Plan Intent) and C.8.8.16 (Approval Status).
    """
    reasons = {
        uid: reason
        for uid, plan in export.plans.items()
        if (reason := _why_untreated(plan))
    }
    aside = {uid: export.plans.pop(uid) for uid in reasons}
    doses = _take_doses(export, reasons, audit)
    for uid, plan in aside.items():
        _tell(plan, reasons[uid], len(doses.get(uid, ())), audit)
    _take_structures_of_phantoms(export, aside.values(), audit)
    for plan in export.plans.values():
        _note_doubts(plan, audit)
    if doses and not export.doses:
        listed = "; ".join(f"{aside[uid].found.where} {reasons[uid]}" for uid in doses)
        audit.stop(
            f"No dose of a treated plan remains: {listed}. Export the plan that was "
            f"treated, with its dose."
        )


def _why_untreated(plan: Plan) -> str:
    """What rules out that a plan was treated, or empty."""
    intent = _stated(plan, "PlanIntent")
    if intent in NOT_FOR_PATIENTS:
        return f"has {named('PlanIntent')} {intent}, so it treats no patient"
    if _stated(plan, "ApprovalStatus") == "REJECTED":
        return f"has {named('ApprovalStatus')} REJECTED"
    return ""


def _stated(plan: Plan, keyword: str) -> str:
    return text(plan.found.dataset, keyword).strip().upper()


def _take_doses(
    export: Export, reasons: Mapping[str, str], audit: Audit
) -> dict[str, list[DoseHeader]]:
    """Doses of plans that were set aside, by plan; they leave the export."""
    taken: dict[str, list[DoseHeader]] = {}
    for dose in export.doses:
        if dose.plan_uids and reasons.keys() >= set(dose.plan_uids):
            taken.setdefault(dose.plan_uids[0], []).append(dose)
    for uid, doses in taken.items():
        audit.ignore(objects_of(doses), f"dose of a plan that {reasons[uid]}")
        export.doses_set_aside.extend(doses)
    gone = {id(dose) for dose in export.doses_set_aside}
    export.doses = [dose for dose in export.doses if id(dose) not in gone]
    return taken


def _tell(plan: Plan, reason: str, n_doses: int, audit: Audit) -> None:
    audit.ignore([plan.found], f"a plan that {reason}")
    with_doses = "it was" if n_doses == 0 else "it and its dose were"
    audit.note(
        "plan-set-aside",
        "warning",
        plan.found.path,
        f"{plan.found.where}: the plan {plan.label!r} {reason}; {with_doses} not used. "
        f"If it was treated, export it again as it was treated.",
    )


def _take_structures_of_phantoms(
    export: Export, aside: Iterable[Plan], audit: Audit
) -> None:
    """Regions of a phantom must not be taken for the patient's."""
    needed = {plan.structure_set_uid for plan in export.plans.values()}
    needed |= {dose.structure_set_uid for dose in export.doses}
    for plan in aside:
        uid = plan.structure_set_uid
        of_phantom = _stated(plan, "PlanIntent") in NOT_FOR_PATIENTS
        if of_phantom and uid in export.structure_sets and uid not in needed:
            header = export.structure_sets.pop(uid)
            audit.ignore(
                [header.found], f"drawn for {plan.found.path}, which treats no patient"
            )


def _note_doubts(plan: Plan, audit: Audit) -> None:
    """Say what makes it doubtful that a plan which is used was treated."""
    intent, status = _stated(plan, "PlanIntent"), _stated(plan, "ApprovalStatus")
    if intent not in USUAL_INTENTS:
        audit.note(
            "plan-intent-unusual",
            "warning",
            plan.found.path,
            f"{plan.found.where}: the plan {plan.label!r} has {named('PlanIntent')} "
            f"{intent}; it is used as treated. Leave it out if it was not.",
        )
    if status not in {"", "APPROVED"}:
        audit.note(
            "plan-not-approved",
            "warning",
            plan.found.path,
            f"{plan.found.where}: the plan {plan.label!r} has "
            f"{named('ApprovalStatus')} {status}; it is used as treated. Make sure "
            f"that it is the plan that was, or will be, treated.",
        )

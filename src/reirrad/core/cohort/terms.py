"""Terms that fields of several records share: CTCAE v5.0, ECOG, Guckenberger 2020."""

from datetime import date
from typing import Annotated, Literal

from reirrad.core.cohort.fields import About

__all__ = [
    "Analyte",
    "CourseNumber",
    "Day",
    "Ecog",
    "LaboratoryUnit",
    "Modality",
    "OligometastaticState",
    "PrimarySite",
    "Sex",
    "SomeAssessment",
    "SomeCourse",
    "SomeLesion",
    "Technique",
    "ToxicityTerm",
]

Day = date
Sex = Literal["female", "male", "other"]
PrimarySite = Literal[
    "colorectal",
    "gynaecological",
    "hepatocellular",
    "pancreatic",
    "gastric",
    "breast",
    "lung",
    "other",
]
Ecog = Annotated[int | None, About("ECOG performance status", minimum=0, maximum=4)]
CourseNumber = Annotated[int, About("Number of the course", minimum=1)]
SomeCourse = Annotated[int | None, About("Number of the course", minimum=1)]
SomeLesion = Annotated[int | None, About("Number of the lesion", minimum=1)]
SomeAssessment = Annotated[int | None, About("Number of the assessment", minimum=1)]
OligometastaticState = Literal[
    "synchronous_oligometastatic",
    "metachronous_oligorecurrence",
    "metachronous_oligoprogression",
    "repeat_oligorecurrence",
    "repeat_oligoprogression",
    "repeat_oligopersistence",
    "induced_oligorecurrence",
    "induced_oligoprogression",
    "induced_oligopersistence",
]
Technique = Literal[
    "mr_guided", "vmat", "imrt", "conformal", "robotic", "protons", "other"
]
Modality = Literal["MR", "CT", "other"]
ToxicityTerm = Literal[
    "alanine_aminotransferase_increased",
    "aspartate_aminotransferase_increased",
    "alkaline_phosphatase_increased",
    "ggt_increased",
    "blood_bilirubin_increased",
    "creatinine_increased",
    "inr_increased",
    "platelet_count_decreased",
    "hypoalbuminemia",
    "lipase_increased",
    "nausea",
    "vomiting",
    "diarrhea",
    "abdominal_pain",
    "anorexia",
    "fatigue",
    "fever",
    "upper_gastrointestinal_hemorrhage",
    "lower_gastrointestinal_hemorrhage",
    "gastric_ulcer",
    "duodenal_ulcer",
    "gastric_perforation",
    "duodenal_perforation",
    "small_intestinal_perforation",
    "colonic_perforation",
    "small_intestinal_obstruction",
    "biliary_tract_stenosis",
    "hepatic_failure",
    "ascites",
    "portal_vein_thrombosis",
    "fracture",
    "chest_wall_pain",
    "dermatitis_radiation",
    "other",
]
Analyte = Literal[
    "alt",
    "ast",
    "alp",
    "ggt",
    "bilirubin",
    "albumin",
    "inr",
    "platelets",
    "creatinine",
    "lipase",
]
LaboratoryUnit = Literal[
    "U/l", "umol/l", "mg/dl", "g/l", "g/dl", "ratio", "10^9/l", "multiple_of_uln"
]

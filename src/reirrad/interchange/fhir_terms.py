"""Codes and addresses of FHIR R4, mCODE STU4 and CodeX Radiation Therapy STU2.

Value sets: mCODE 4.0.0 (hl7.org/fhir/us/mcode), CodeX 2.0.0
(hl7.org/fhir/us/codex-radiation-therapy), whose adverse events take their grade from
Adverse Event Clinical Research 1.0.1, in its version for R4. What has no code here that
was found in these guides is exported as text.
"""

from typing import NamedTuple

from reirrad.core.cohort.terms import Technique, ToxicityTerm

__all__ = [
    "ADVERSE_EVENT_GRADE",
    "CODEX",
    "CONDITION_CATEGORY",
    "CONFIRMED",
    "DATA_ABSENT",
    "DICOM_UID",
    "DISEASE_STATUS",
    "ECOG",
    "EXTENSIONS",
    "GRADES",
    "IMAGING",
    "LOCATIONS",
    "MALIGNANT",
    "MCODE",
    "METASTATIC",
    "OBSERVATION_CATEGORY",
    "PALLIATIVE",
    "PHOTONS",
    "PRIMARIES",
    "PROTONS",
    "PTV",
    "RADIOTHERAPY",
    "RADIOTHERAPY_COURSE",
    "SECONDARIES",
    "TECHNIQUES",
    "TERMS",
    "TRENDS",
    "UCUM",
    "Code",
]


class Code(NamedTuple):
    """A code with its system, and what it is called there."""

    system: str
    code: str
    display: str = ""


MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
CODEX = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-"
EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
DATA_ABSENT = f"{EXTENSIONS}data-absent-reason"
ADVERSE_EVENT_GRADE = (
    "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/ae-grade"
)
DICOM_UID = "urn:dicom:uid"
UCUM = "http://unitsofmeasure.org"

_SNOMED = "http://snomed.info/sct"
_LOINC = "http://loinc.org"
_NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
_HL7 = "http://terminology.hl7.org/CodeSystem/"

CONDITION_CATEGORY = Code(f"{_HL7}condition-category", "problem-list-item")
CONFIRMED = Code(f"{_HL7}condition-ver-status", "confirmed")
OBSERVATION_CATEGORY = Code(f"{_HL7}observation-category", "survey")

RADIOTHERAPY = Code(
    _SNOMED, "108290001", "Radiation oncology AND/OR radiotherapy (procedure)"
)
RADIOTHERAPY_COURSE = Code(
    _SNOMED, "1217123003", "Radiotherapy course of treatment (regime/therapy)"
)
PALLIATIVE = Code(_SNOMED, "363676003", "Palliative - procedure intent")
PTV = Code(_SNOMED, "228793007", "Planning target volume (observable entity)")
IMAGING = Code(_SNOMED, "363679005", "Imaging (procedure)")
DISEASE_STATUS = Code(_LOINC, "97509-4", "Cancer disease progression")
ECOG = Code(_LOINC, "89247-1", "ECOG Performance Status score")

PHOTONS = Code(
    _SNOMED, "1156506007", "External beam radiation therapy using photons (procedure)"
)
PROTONS = Code(
    _SNOMED, "10611004", "External beam radiation therapy protons (procedure)"
)
TECHNIQUES: dict[Technique, tuple[Code, Code | None]] = {
    "mr_guided": (PHOTONS, None),
    "robotic": (PHOTONS, None),
    "vmat": (
        PHOTONS,
        Code(_SNOMED, "1156530009", "Volumetric Modulated Arc Therapy (procedure)"),
    ),
    "imrt": (
        PHOTONS,
        Code(_SNOMED, "441799006", "Intensity modulated radiation therapy (procedure)"),
    ),
    "conformal": (
        PHOTONS,
        Code(
            _SNOMED,
            "1162782007",
            "Three dimensional external beam radiation therapy (procedure)",
        ),
    ),
    "protons": (PROTONS, None),
}
"""Radiation and technique; of techniques that are not here neither is known."""

LOCATIONS = {
    "liver": Code(_SNOMED, "10200004", "Liver structure (body structure)"),
    "adrenal": Code(_SNOMED, "23451007", "Adrenal structure (body structure)"),
    "lymph_node": Code(_SNOMED, "59441001", "Structure of lymph node (body structure)"),
}
"""Treated sites that the required value set of mCODE has; it has no peritoneum."""

MALIGNANT = Code(_SNOMED, "363346000", "Malignant neoplastic disease (disorder)")
PRIMARIES = {
    "colorectal": Code(_SNOMED, "781382000"),
    "hepatocellular": Code(_SNOMED, "109841003", "Liver cell carcinoma (disorder)"),
    "pancreatic": Code(_SNOMED, "363418001", "Malignant tumor of pancreas (disorder)"),
    "gastric": Code(_SNOMED, "363349007", "Malignant tumor of stomach (disorder)"),
    "breast": Code(_SNOMED, "254837009", "Malignant neoplasm of breast (disorder)"),
    "lung": Code(_SNOMED, "363358000", "Malignant tumor of lung (disorder)"),
}
METASTATIC = Code(_SNOMED, "128462008", "Metastatic neoplasm (disease)")
SECONDARIES = {
    "liver": Code(
        _SNOMED, "94381002", "Metastatic malignant neoplasm to liver (disorder)"
    ),
    "adrenal": Code(_SNOMED, "94161006"),
    "peritoneum": METASTATIC,
    "lymph_node": METASTATIC,
}

_IMPROVED = Code(_SNOMED, "268910001", "Patient's condition improved (finding)")
TRENDS = {
    "CR": _IMPROVED,
    "PR": _IMPROVED,
    "SD": Code(_SNOMED, "359746009", "Patient's condition stable (finding)"),
    "PD": Code(_SNOMED, "271299001", "Patient's condition worsened (finding)"),
    "NE": Code(_SNOMED, "709137006", "Patient condition undetermined (finding)"),
}

GRADES = {
    1: Code(_NCIT, "C41338", "Mild Adverse Event"),
    2: Code(_NCIT, "C41339", "Moderate Adverse Event"),
    3: Code(_NCIT, "C41340", "Severe Adverse Event"),
    4: Code(_NCIT, "C41337", "Life Threatening or Disabling Adverse Event"),
    5: Code(_NCIT, "C48275", "Death Related to Adverse Event"),
}

_TERMS: dict[ToxicityTerm, tuple[str, str]] = {
    "alanine_aminotransferase_increased": (
        "C143267",
        "Alanine aminotransferase increased",
    ),
    "aspartate_aminotransferase_increased": (
        "C143301",
        "Aspartate aminotransferase increased",
    ),
    "alkaline_phosphatase_increased": ("C143269", "Alkaline phosphatase increased"),
    "ggt_increased": ("C143516", "GGT increased"),
    "blood_bilirubin_increased": ("C143325", "Blood bilirubin increased"),
    "creatinine_increased": ("C143391", "Creatinine increased"),
    "inr_increased": ("C143590", "INR increased"),
    "platelet_count_decreased": ("C143764", "Platelet count decreased"),
    "hypoalbuminemia": ("C143564", "Hypoalbuminemia"),
    "lipase_increased": ("C143652", "Lipase increased"),
    "nausea": ("C146764", "Nausea"),
    "vomiting": ("C57896", "Vomiting"),
    "diarrhea": ("C57788", "Diarrhea"),
    "abdominal_pain": ("C143255", "Abdominal pain"),
    "anorexia": ("C57118", "Anorexia"),
    "fatigue": ("C146753", "Fatigue"),
    "fever": ("C143485", "Fever"),
    "upper_gastrointestinal_hemorrhage": (
        "C143895",
        "Upper gastrointestinal hemorrhage",
    ),
    "lower_gastrointestinal_hemorrhage": (
        "C143656",
        "Lower gastrointestinal hemorrhage",
    ),
    "gastric_ulcer": ("C143504", "Gastric ulcer"),
    "duodenal_ulcer": ("C143419", "Duodenal ulcer"),
    "gastric_perforation": ("C143502", "Gastric perforation"),
    "duodenal_perforation": ("C143417", "Duodenal perforation"),
    "small_intestinal_perforation": ("C146635", "Small intestinal perforation"),
    "colonic_perforation": ("C143376", "Colonic perforation"),
    "small_intestinal_obstruction": ("C143843", "Small intestinal obstruction"),
    "biliary_tract_stenosis": ("C143314", "Bile duct stenosis"),
    "hepatic_failure": ("C143539", "Hepatic failure"),
    "ascites": ("C143300", "Ascites"),
    "portal_vein_thrombosis": ("C143770", "Portal vein thrombosis"),
    "fracture": ("C58382", "Fracture"),
    "chest_wall_pain": ("C146743", "Chest wall pain"),
    "dermatitis_radiation": ("C143405", "Dermatitis radiation"),
}
TERMS = {term: Code(_NCIT, *code) for term, code in _TERMS.items()}
"""Terms of CTCAE v5.0 in the NCI Thesaurus; "other" has none."""

"""Which objects can be cleaned at all."""

from reirrad.dicom.audit import SHORT_NAMES, FoundObject
from reirrad.dicom.elements import text
from reirrad.dicom.images import IMAGE_KINDS

__all__ = ["CLEANED_KINDS", "why_left_out"]

CLEANED_KINDS = (*IMAGE_KINDS, "RTSTRUCT", "RTPLAN", "RTDOSE", "REG")
SCREEN_WORDS = {"SCREEN SAVE", "SCREENSAVE", "SCREENSHOT", "SCREEN CAPTURE"}


def why_left_out(found: FoundObject) -> str | None:
    """Reason why an object is not given away, without a word of it; None if it is.

    Text drawn into pixels, free text and documents cannot be searched reliably, and no
    assessment needs them.
    """
    # Modality does not count here: screen captures have that of what they show.
    if SHORT_NAMES.get(found.sop_class_uid) not in CLEANED_KINDS:
        return (
            "is of a kind that is not cleaned (screen captures, ultrasound, documents, "
            "structured reports and every other SOP Class UID (0008,0016) that no "
            "assessment reads)"
        )
    if text(found.dataset, "BurnedInAnnotation").upper() == "YES":
        return "has text burned into its pixels (Burned In Annotation (0028,0301) YES)"
    if text(found.dataset, "RecognizableVisualFeatures").upper() == "YES":
        return (
            "shows a recognizable face (Recognizable Visual Features (0028,0302) YES)"
        )
    if found.kind in IMAGE_KINDS and _is_capture(found):
        return (
            "looks like a screen capture (Conversion Type (0008,0064), Image Type "
            "(0008,0008), or colour), whose pixels may show names"
        )
    return None


def _is_capture(found: FoundObject) -> bool:
    dataset = found.dataset
    kinds = {value.strip() for value in text(dataset, "ImageType").upper().split("\\")}
    photometric = text(dataset, "PhotometricInterpretation").upper()
    return (
        bool(text(dataset, "ConversionType"))
        or not kinds.isdisjoint(SCREEN_WORDS)
        or text(dataset, "SamplesPerPixel") not in {"", "1"}
        or not photometric.startswith("MONOCHROME")
    )

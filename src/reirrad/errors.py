"""Every exception that reirrad raises on purpose.

::

    ReirradError
    ├── InputError               the data cannot be assessed as it stands
    │   ├── DicomError           one object, or the links between objects
    │   ├── FrameMismatchError   two things live in unrelated frames of reference
    │   ├── SettingsError        the settings file asks for something impossible
    │   └── KnowledgeError       a row of a shipped table is wrong or unsourced
    ├── OutputError              the result cannot be written where it was asked for
    ├── NetworkError             a DICOM peer is not there, refuses or breaks its word
    ├── RegistrationError        no transform could be found between two images
    ├── ReviewError              a review or approval that the case does not allow now
    └── StoreError               the database of cases cannot be used as asked

Programming mistakes stay ``TypeError`` and ``ValueError``; they are not listed.
"""

__all__ = [
    "DicomError",
    "FrameMismatchError",
    "InputError",
    "KnowledgeError",
    "NetworkError",
    "OutputError",
    "RegistrationError",
    "ReirradError",
    "ReviewError",
    "SettingsError",
    "StoreError",
]


class ReirradError(Exception):
    """Base class: catch this to report any foreseen failure to a user.

    Parameters
    ----------
    problems
        One sentence for each fault, so that a user can mend all of them at once.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class InputError(ReirradError):
    """The input is at fault, and whoever supplied it can act on the message."""


class DicomError(InputError):
    """A DICOM object lacks, contradicts or misreferences something required."""


class FrameMismatchError(InputError):
    """Two spatial objects were combined across frames of reference.

    Attributes
    ----------
    left, right
        What was combined, in the reader's words ("course 1 dose").
    """

    def __init__(self, left: str, right: str) -> None:
        self.left = left
        self.right = right
        super().__init__(
            f"{left} and {right} are in different frames of reference and no "
            f"registration links them. Register the two planning images first, or "
            f"supply the DICOM spatial registration object that does."
        )


class SettingsError(InputError):
    """The settings file holds an unknown key, a wrong unit or a value out of range."""


class KnowledgeError(InputError):
    """A row of a constraint, ratio, rule or name table is wrong or unsourced."""


class OutputError(ReirradError):
    """The output folder cannot be written."""


class NetworkError(ReirradError):
    """A DICOM peer cannot be reached, refuses, or did not do what it promised."""


class RegistrationError(ReirradError):
    """A registration ended without a transform between the two images."""


class ReviewError(ReirradError):
    """A review or approval was refused because of what was decided before."""


class StoreError(ReirradError):
    """The database of cases cannot be reached, read or written, or lacks the row."""

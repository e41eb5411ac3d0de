"""An assessment as DICOM objects that other systems can open."""

"""Re-irradiation assessment from the DICOM export of any planning system."""

"""DICOM over the network: DIMSE and DICOMweb, as client and as node."""

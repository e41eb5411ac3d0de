"""Files by which programs and people exchange a cohort: CSV, XLSX, REDCap, FHIR."""

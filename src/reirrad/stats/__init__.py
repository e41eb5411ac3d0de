"""Mathematics of a cohort: survival, incidence, proportions, the paper's outputs."""

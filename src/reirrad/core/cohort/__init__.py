"""Values of a cohort: what is known of the patients of a clinic, and its terms."""

"""Image registration; the only package that imports SimpleITK."""

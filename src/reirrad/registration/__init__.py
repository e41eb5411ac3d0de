"""Rigid registration of planning images, and numbers that judge it."""

"""Patients whose answers are known, as plain values."""

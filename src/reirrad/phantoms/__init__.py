"""Patients and shapes whose answers are known: for tests, demo and commissioning."""

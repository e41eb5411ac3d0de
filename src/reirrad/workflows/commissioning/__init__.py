"""Acceptance tests: phantoms through the front door, against known answers."""

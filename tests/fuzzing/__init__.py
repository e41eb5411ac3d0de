"""Broken objects in great numbers, and what the import makes of them."""

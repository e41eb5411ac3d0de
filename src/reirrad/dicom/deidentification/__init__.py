"""Objects that can be given away, with their courses and intervals intact."""

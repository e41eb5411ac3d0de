"""The order of steps: gather, align, assess, publish."""

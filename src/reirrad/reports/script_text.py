"""The scripts of the review page as a browser needs them: without their comments."""

import re

__all__ = ["bare_script"]

BLOCK_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)
LINE_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def bare_script(text: str) -> str:
    """A module of the page without comments and empty lines.

    Parameters
    ----------
    text
        A module in which ``/**`` begins comments alone and ``//`` comments have lines
        of their own, as in all modules of this package.

    Returns
    -------
    str
        The same program, about two thirds as long.
    """
    bare = LINE_COMMENT.sub("", BLOCK_COMMENT.sub("", text))
    return EMPTY_LINES.sub("\n", bare).lstrip("\n")

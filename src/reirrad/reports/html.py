"""The report as one web page that needs nothing but itself."""

import base64
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from reirrad.reports.blocks import Document
from reirrad.reports.viewer_page import EmbeddedViewer

__all__ = ["html_report", "rendered"]


def html_report(
    document: Document,
    pictures: Mapping[str, bytes],
    viewer: EmbeddedViewer | None = None,
) -> str:
    """Render the report as HTML: style and pictures inside.

    Every text is escaped, since names in it come from the files that were read. With a
    viewer its script is the only one that the page may run; without, there is none.

    Parameters
    ----------
    document
        What to say.
    pictures
        PNG files by the names that the document's figures use.
    viewer
        Of the case, shown above the record; None for the record alone.
    """
    return rendered(
        "report.html.jinja",
        pictures,
        document=document,
        front=document.front,
        viewer=viewer,
    )


def rendered(template: str, pictures: Mapping[str, bytes], **values: object) -> str:
    """Fill in a template; every text is escaped.

    Parameters
    ----------
    template
        Name of its file.
    pictures
        PNG files by name, which become part of the page.
    values
        What the template speaks of.
    """
    environment = Environment(
        loader=PackageLoader("reirrad.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    encoded = {
        key: f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
        for key, png in pictures.items()
    }
    return environment.get_template(template).render(pictures=encoded, **values)

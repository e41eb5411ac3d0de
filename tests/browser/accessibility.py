"""What axe-core, the usual checker of accessibility, finds on a page."""

from importlib.resources import files

from playwright.sync_api import Page

__all__ = ["violations"]


def violations(page: Page, within: str = "html") -> list[str]:
    """Rule and place of everything that axe-core objects to in a part of a page."""
    script = files("axe_playwright_python") / "axe.min.js"
    page.evaluate(script.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """async (within) => (await axe.run(within)).violations.flatMap((rule) =>
          rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`))""",
        within,
    )
    return found

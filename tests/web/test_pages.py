import re

from tests.web.applications import Application

CASE = "0123456789abcdef"


def test_pages_hold_no_data_and_no_inline_script(application: Application) -> None:
    visitor = application.visitor()
    for path in ("/", "/sign-in", f"/case/{CASE}", f"/case/{CASE}/3"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert not re.search(r"<script(?![^>]*src=)", answer.text)
        assert " style=" not in answer.text
        assert " on" not in re.sub(r">[^<]*<", "><", answer.text).replace("\n", "")
        for address in re.findall(r'(?:src|href)="(/[^"]*)"', answer.text):
            assert visitor.get(address).status_code == 200, address


def test_an_address_that_is_no_case_is_not_there(application: Application) -> None:
    visitor = application.visitor()

    assert visitor.get("/case/DOE").status_code == 422
    assert visitor.get(f"/case/{CASE}/x").status_code == 422


def test_the_api_page_names_every_route_without_a_script(
    application: Application,
) -> None:
    visitor = application.visitor()
    page = visitor.get("/api-docs").text

    assert "<script" not in page
    for path in application.app.openapi()["paths"]:
        assert path in page
    assert "X-CSRF-Token" in page
    assert visitor.get("/api/openapi.json").json() == application.app.openapi()

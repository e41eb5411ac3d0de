import pytest

from reirrad.errors import KnowledgeError
from reirrad.knowledge.liver_models import load_liver_models, read_liver_models
from reirrad.knowledge.tables import table_text


def test_the_models_say_how_well_they_are_known() -> None:
    models = load_liver_models()
    known = {one.name: (one.td50_gy, one.verification) for one in models.lkb}
    assert known == {
        "LKB, metastases": (45.8, "secondary"),
        "LKB, primary tumours": (39.8, "unverified"),
    }
    assert "illustration" in models.probit.note
    assert models.local_control.bed_gy == 100


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("td50_gy = 45.8", "td50_gy = 0"),
        ("n = 0.97", "n = 0"),
        ("references_gy = [2.0, 1.5]", "references_gy = []"),
        ("gamma50 = 0.95", "gamma50 = -1"),
        ('source = "dawson2002_code"', 'source = "nobody"'),
        ('source = "miften2021"', 'source = "nobody"'),
        ('source = "ohri2021"', 'source = "nobody"'),
    ],
)
def test_a_bad_model_is_refused(wrong: str, right: str) -> None:
    text = table_text("liver_models")
    assert wrong in text
    with pytest.raises(KnowledgeError):
        read_liver_models(text.replace(wrong, right, 1), name="liver_models")

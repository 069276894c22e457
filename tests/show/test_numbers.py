import pytest

from app.show.numbers import superscript


@pytest.mark.parametrize(("number", "text"), [(-9, "⁻⁹"), (0, "⁰"), (12, "¹²"), (-307, "⁻³⁰⁷")])
def test_an_exponent_is_written_raised(number, text):
    assert superscript(number) == text

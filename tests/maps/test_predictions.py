"""What a network says, sorted and shown."""

import numpy as np

from app.maps.predictions import Predictions

SAYS = Predictions("net", ("one", "two"), np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), ("a", "b", "c"))


def test_the_largest_come_first_and_equal_ones_in_order():
    assert SAYS.top(2) == [[("b", 0.5), ("c", 0.3)], [("a", 0.4), ("b", 0.4)]]
    assert SAYS.names == ["b", "a"]
    assert SAYS.classes == [1, 0]
    assert len(SAYS.top(9)[0]) == 3


def test_it_shows_itself():
    assert repr(SAYS) == "<predictions of net for 2 images>"
    assert "b (50.0 %)" in str(SAYS)
    assert SAYS.to_dict()[1]["top"][0] == {"class": "a", "probability": 0.4}
    assert "<td>one</td>" in SAYS._repr_html_()


def test_quantities_are_no_probabilities():
    says = Predictions("net", ("one",), np.array([[12.3456, -1.0]]), ("a", "b"), are_quantities=True)
    assert "a (12.35)" in str(says)

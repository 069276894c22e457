"""Pictures that look the same: copies at other sizes and in other formats, and pictures that are only much alike."""

import numpy as np
import pytest
from picture_folders import SHAPES, draw_photograph, save_bytes
from PIL import Image, ImageDraw

from app.datasets.looks import look_at
from app.datasets.twins import find_twins, shows_nothing


@pytest.fixture
def look(tmp_path):
    """Return a first look at a picture, written to a file in some format."""
    numbers = iter(range(10**6))

    def take(picture, format_="PNG", **options):
        path = tmp_path / f"{next(numbers)}.{format_.lower()}"
        path.write_bytes(save_bytes(picture, format_, **options))
        return look_at(path)

    return take


def are_twins(*looks):
    return len(set(find_twins(looks).tolist())) == 1


COPIES = {
    "itself": lambda picture: (picture, "PNG", {}),
    "a JPEG": lambda picture: (picture, "JPEG", {"quality": 75}),
    "a poor JPEG": lambda picture: (picture, "JPEG", {"quality": 30}),
    "a palette": lambda picture: (picture, "GIF", {}),
    "half": lambda picture: (picture.resize([n // 2 for n in picture.size]), "PNG", {}),
    "a third, as a JPEG": lambda picture: (picture.resize([n // 3 for n in picture.size]), "JPEG", {}),
    "three times": lambda picture: (picture.resize([n * 3 for n in picture.size]), "PNG", {}),
    "a square": lambda picture: (picture.resize((64, 64)), "PNG", {}),
    "grey": lambda picture: (picture.convert("L"), "PNG", {}),
    "brighter by a level": lambda picture: (picture.point(lambda v: min(255, v + 1)), "PNG", {}),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_twins(look, name):
    for shape in SHAPES:
        for seed in range(5):
            picture = draw_photograph(shape, seed)
            copy, format_, options = COPIES[name](picture)
            assert are_twins(look(picture), look(copy, format_, **options)), (shape, seed)


def test_different_pictures_are_no_twins(look):
    looks = [look(draw_photograph(shape, seed)) for shape in SHAPES for seed in range(40)]
    assert len(set(find_twins(looks).tolist())) == len(looks)


def test_different_digits_are_no_twins(mnist, look):
    """A thousand digits 1, which are as much alike as pictures of a class can be."""
    ones = mnist.test_images[mnist.test_labels == 1][:1000, ..., 0]
    looks = [look(Image.fromarray(one)) for one in ones]
    assert len(set(find_twins(looks).tolist())) == len(looks)


def spot(place, colour="black", ground="white", side=400, radius=6):
    picture = Image.new("RGB", (side, side), ground)
    x, y = place
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture


def test_small_things_on_a_plain_ground_are_told_apart(look):
    places = [(100, 100), (300, 100), (300, 310), (105, 250)]
    looks = [look(spot(place)) for place in places]
    assert len(set(find_twins(looks).tolist())) == 4
    assert are_twins(looks[0], look(spot(places[0]), "JPEG", quality=80))
    assert not are_twins(looks[0], look(Image.new("RGB", (400, 400), "white")))


def test_what_is_too_small_to_see_makes_twins_of_the_same_files_only(look):
    tiny = [look(spot(place, radius=1, side=1200)) for place in ((100, 100), (900, 300))]
    assert all(map(shows_nothing, tiny))
    assert not any(each.is_blank for each in tiny)
    assert not are_twins(*tiny)
    assert find_twins([*tiny, *tiny], ["a", "b", "a", "b"]).tolist() == [0, 1, 0, 1]


def test_pictures_of_one_colour_are_twins_where_it_is_the_same(look):
    white, also, red = (
        look(Image.new("RGB", size, colour))
        for size, colour in (((64, 48), "white"), ((30, 30), (254, 254, 255)), ((64, 48), "red"))
    )
    assert white.is_blank
    assert find_twins([white, red, also]).tolist() == [0, 1, 0]


def test_the_same_thing_in_another_colour_is_no_twin(look):
    """A red and a green shirt of one brightness."""
    red, green = (spot((150, 200), colour, radius=90) for colour in ((200, 60, 60), (60, 132, 60)))
    assert abs(np.asarray(red.convert("L"), float).mean() - np.asarray(green.convert("L"), float).mean()) < 2
    assert not are_twins(look(red), look(green))
    assert are_twins(look(red), look(red.resize((100, 100)), "JPEG"))


def test_twins_of_twins_are_one_group(look):
    picture = draw_photograph("cross", 3)
    copies = [
        look(picture),
        look(draw_photograph("cross", 4)),
        look(picture.resize((32, 24))),
        look(picture, "JPEG"),
    ]
    assert find_twins(copies).tolist() == [0, 1, 0, 0]


def test_many_pictures_in_many_copies(mnist, look):
    looks = [look(Image.fromarray(image[..., 0])) for image in mnist.test_images[:300]]
    groups = find_twins(looks * 10)
    assert groups.tolist() == [*range(300)] * 10

"""Pictures prepared by the page as Python prepares them, and strokes as text; the modules run under node."""

import io
import re

import numpy as np
import pytest
from javascript import PAGE, run_javascript
from photographed_digits import photographs
from PIL import Image

from app.datasets.digits import MNIST, prepare_sign
from app.datasets.pictures import fit_picture
from app.datasets.sources import load_mnist
from app.maps.open_model import ModelChoice, OpenModel
from models.pixels import CAFFE, PLAIN, TORCH, Ink

pytestmark = pytest.mark.browser

FIELD = (28, 28)
PREPARE = """
import { prepareSign } from "./drawing/preparing.js";
const result = given.map(({ name, width, height, channels, size, ink, without }) => {
  const data = new Uint8Array(readFileSync(name));
  const found = prepareSign({ width, height, channels, data }, size, ink, without);
  const said = found.steps.map(({ say }) => say);
  const warnings = found.warnings.map(({ say }) => say);
  return { pixels: found.pixels, said, warnings, refused: found.refused?.say ?? null };
});
"""


def of_page(folder, pictures, size=FIELD, ink=MNIST, without=()):
    """Return what the page makes of pictures, each with its pixels as an array."""
    given = []
    for number, picture in enumerate(pictures):
        name = folder / f"{number}.raw"
        name.write_bytes(np.ascontiguousarray(picture).tobytes())
        height, width, *channels = picture.shape
        own = {"isLight": ink.is_light, "box": ink.box, "byMass": ink.by_mass}
        given.append(
            {"name": str(name), "width": width, "height": height, "channels": (*channels, 1)[0]}
            | {"size": size, "ink": own, "without": list(without)}
        )
    found = run_javascript(PREPARE, given)
    for each in found:
        each["pixels"] = np.array(each["pixels"], np.uint8).reshape(size)
    return found


def test_images(count, seed):
    """Return test images of MNIST and their labels, in a drawn order."""
    data, draw = load_mnist(), np.random.default_rng(seed)
    chosen = np.sort(draw.choice(len(data.test_images), count, replace=False))
    return np.asarray(data.test_images)[chosen, ..., 0], np.asarray(data.test_labels)[chosen]


test_images.__test__ = False


def on_page(digit, draw, number):
    """Return a digit enlarged, moved, and every other time as dark ink on white."""
    side = int(draw.integers(60, 300))
    height, width = (int(side * draw.uniform(1, 1.8)) for _ in range(2))
    ways = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.NEAREST)
    large = np.asarray(Image.fromarray(digit).resize((side, side), ways[number % 3]))
    page = np.zeros((height, width), np.uint8)
    top, left = int(draw.integers(0, height - side + 1)), int(draw.integers(0, width - side + 1))
    page[top : top + side, left : left + side] = large
    return 255 - page if number % 2 else page


def read(fields):
    """Return what the shipped network reads of prepared digits."""
    opened = OpenModel(ModelChoice("mnist"))
    outputs = opened.explainer.outputs(opened.scaled(np.stack(fields)[..., None]))
    return np.asarray(outputs).argmax(axis=1)


def mass_centre(field):
    return np.array([(np.indices(field.shape)[axis] * field).sum() / field.sum() for axis in (0, 1)])


def test_drawn_digits_are_prepared_as_python_prepares_them(tmp_path):
    draw = np.random.default_rng(0)
    digits, labels = test_images(300, 0)
    pages = [on_page(digit, draw, number) for number, digit in enumerate(digits)]
    found = of_page(tmp_path, pages)
    for page, each in zip(pages, found, strict=True):
        wanted = prepare_sign(page, FIELD)
        apart = np.abs(each["pixels"].astype(int) - wanted.pixels)
        assert apart.max() <= 3  # other versions of Pillow scale rows and columns in another order
        assert len(each["warnings"]) == len(wanted.warnings)
        assert np.abs(mass_centre(each["pixels"]) - 14).max() <= 0.5 or "unlikeDigits" in each["warnings"]
        assert ("inverted" in each["said"]) == any("inverted" in change for change in wanted.changes)
    theirs = read([prepare_sign(page, FIELD).pixels for page in pages])
    ours = read([each["pixels"] for each in found])
    assert (ours == theirs).all()
    assert (ours == labels).mean() > 0.97
    assert (read([np.asarray(Image.fromarray(page).resize(FIELD)) for page in pages]) == labels).mean() < 0.7


def test_letters_in_dark_ink_are_prepared_as_python_prepares_them(tmp_path):
    draw = np.random.default_rng(1)
    digits, _ = test_images(20, 1)
    pages = [on_page(digit, draw, number) for number, digit in enumerate(digits)]
    for ink in (Ink(is_light=False, box=0.9, by_mass=False), Ink(True, 0.5, False)):
        for page, each in zip(pages, of_page(tmp_path, pages, (32, 40), ink), strict=True):
            wanted = prepare_sign(page, (32, 40), ink).pixels
            assert np.abs(each["pixels"].astype(int) - wanted).max() <= 3


@pytest.mark.slow
def test_photographs_are_prepared_as_python_prepares_them(tmp_path):
    data = load_mnist()
    shots = list(photographs(np.asarray(data.test_images), data.test_labels, 30, seed=3))
    pictures = []
    for shot in shots:
        picture = shot.picture
        picture.thumbnail((700, 700), Image.Resampling.BOX)
        pictures.append(np.asarray(picture))
    found = of_page(tmp_path, pictures)
    wanted = [prepare_sign(picture, FIELD) for picture in pictures]
    apart = [
        np.abs(each["pixels"].astype(int) - sign.pixels).mean()
        for each, sign in zip(found, wanted, strict=True)
    ]
    assert np.median(apart) < 1
    ours, theirs = read([each["pixels"] for each in found]), read([sign.pixels for sign in wanted])
    labels = np.array([shot.label for shot in shots])
    assert (ours == labels).sum() >= (theirs == labels).sum() - 1
    assert sum("unevenPaper" in each["said"] for each in found) > 10
    assert sum("linesTakenAway" in each["said"] for each in found) >= 8


def test_odd_pictures(tmp_path):
    dot, line, wide = (np.zeros(size, np.uint8) for size in ((200, 200), (200, 200), (30, 900)))
    dot[90:93, 20:23] = 255
    line[20:180, 100:101] = 255
    wide[10:20, 400:430] = 255
    huge = np.full((900, 1024), 255, np.uint8)
    huge[300:700, 500:560] = 0
    pages = [dot, line, wide, huge, np.full((1, 1), 7, np.uint8), np.zeros((40, 40), np.uint8)]
    pages += [np.full((40, 40), 255, np.uint8), np.full((3, 5, 3), 9, np.uint8)]
    found = of_page(tmp_path, pages)
    for page, each in zip(pages, found, strict=True):
        try:
            wanted = prepare_sign(page, FIELD)
        except ValueError:
            assert each["refused"] == "nothingDrawn"
            assert not each["pixels"].any()
            continue
        assert each["refused"] is None
        assert np.abs(each["pixels"].astype(int) - wanted.pixels).max() <= 3
        assert len(each["warnings"]) == len(wanted.warnings)
    assert [each["refused"] for each in found].count("nothingDrawn") == 4
    assert "thickened" in found[1]["said"]
    assert "unlikeDigits" in found[0]["warnings"]


def test_steps_are_switched_off_one_by_one(tmp_path):
    page = np.full((280, 280), 255, np.uint8)
    page[20:60, 30:34] = 0  # a small, thin, dark 1 at the upper left

    def alone(*without):
        return of_page(tmp_path, [page], without=without)[0]

    usual = alone()
    assert usual["said"] == ["asGiven", "inverted", "cutOutSign", "thickened", "scaledToBox", "centredByMass"]
    np.testing.assert_array_equal(alone("invert")["pixels"], 255 - usual["pixels"])
    thin = alone("thicken")["pixels"]
    assert 0 < thin.astype(int).sum() < 0.95 * usual["pixels"].astype(int).sum()
    small = alone("scale", "thicken")["pixels"]
    assert np.flatnonzero(small.any(axis=1)).size == 4  # 40 of 280 pixels
    assert np.abs(mass_centre(small) - 14).max() <= 0.5
    left = alone("centre")["pixels"]
    assert (mass_centre(left) < 13).all()
    whole = alone("cutOut", "centre")["pixels"]
    assert np.abs(mass_centre(whole) - [3.5, 2.7]).max() < 0.3  # where it was drawn
    assert alone("cutOut", "centre", "invert")["pixels"][20, 20] == 255


def test_a_prepared_image_stays_as_it_is(tmp_path):
    digits, _ = test_images(30, 2)
    for digit, each in zip(digits, of_page(tmp_path, digits), strict=True):
        np.testing.assert_array_equal(each["pixels"], digit)
        assert each["said"] == ["preparedAlready"]


def test_photographs_for_colour_networks_are_fitted_as_python_fits_them():
    draw = np.random.default_rng(4)
    cases = []
    for height, width, shape in ((90, 50, (32, 32, 3)), (20, 100, (24, 30, 3)), (50, 60, (28, 28, 1))):
        picture = draw.integers(0, 256, (height, width, 3)).astype(np.uint8)
        cases.append((picture, shape))
    found = run_javascript(
        """
        import { fitPicture, scaledPixels } from "./drawing/fitting.js";
        const result = given.map(([data, width, height, shape, scalings]) => {
          const { pixels } = fitPicture({ width, height, channels: 3, data: Uint8Array.from(data) }, shape);
          return [pixels, ...scalings.map((each) => scaledPixels(pixels, shape[2], each))];
        });
        """,
        [
            [picture.ravel().tolist(), picture.shape[1], picture.shape[0], shape, scalings(shape[2])]
            for picture, shape in cases
        ],
    )
    for (picture, shape), (pixels, *numbers) in zip(cases, found, strict=True):
        fitted = fit_picture(Image.fromarray(picture), shape, None).pixels
        ours = np.array(pixels, np.uint8).reshape(shape)
        assert np.abs(ours.astype(int) - fitted).max() <= 3
        kinds = (PLAIN, CAFFE, TORCH) if shape[2] == 3 else (PLAIN,)
        for kind, values in zip(kinds, numbers, strict=True):
            wanted = by_hand(ours, kind)
            np.testing.assert_allclose(np.reshape(values, shape), wanted, rtol=1e-5, atol=1e-5)


def scalings(channels):
    kinds = (PLAIN, CAFFE, TORCH) if channels == 3 else (PLAIN,)
    return [{"range": k.range, "mean": k.mean, "std": k.std, "order": k.order} for k in kinds]


def by_hand(pixels, kind):
    low, high = kind.range
    values = pixels[..., ::-1] if kind.order == "BGR" else pixels
    return (values / 255 * (high - low) + low - np.array(kind.mean or 0)) / np.array(kind.std or 1)


def test_strokes_go_into_text_and_back():
    draw = np.random.default_rng(5)
    drawings = [[]]
    for _ in range(60):
        strokes = []
        for _ in range(int(draw.integers(1, 8))):
            steps = draw.normal(0, draw.choice([8, 40]), (int(draw.integers(1, 60)), 2)).cumsum(axis=0)
            points = np.clip(np.rint(steps + draw.uniform(0, 1023, 2)), -512, 1535).astype(int).tolist()
            width = int(draw.integers(8, 401))
            strokes.append({"width": width, "erases": bool(draw.random() < 0.3), "points": points})
        drawings.append(strokes)
    found = run_javascript(
        """
        import { strokesAsText, strokesFromText } from "./drawing/strokes.js";
        const result = given.map((strokes) => {
          const text = strokesAsText(strokes);
          return { text, ...strokesFromText(text) };
        });
        """,
        drawings,
    )
    for strokes, each in zip(drawings, found, strict=True):
        assert each["refused"] is None
        assert each["strokes"] == strokes
        assert each["text"].replace("-", "").replace("_", "").isalnum()
        points = sum(len(stroke["points"]) for stroke in strokes)
        assert len(each["text"]) <= 1 + 5 * len(strokes) + 5 * points


def test_hostile_texts_are_refused():
    good = "1pBGACIKIUhf"
    texts = ["", "1", good, good[:-1], f"{good}A", f"2{good[1:]}", f"{good}%20", f"{good}\n", "<b>", "1pAAAA"]
    texts += ["1p__ABIAIA", "1pBG__IAIA", "1pBGABIAI", "1xBGABIAIA", "1pBGAB____", "1" + "pBGABIAIA" * 201]
    texts += ["1pBGACIKIU_IKIV", "1" + "A" * 30_000, "1pBGAA", "１pBGACIKIUhf", None, 7, {"length": 3}]
    draw = np.random.default_rng(6)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    noise = ["1p" + "".join(draw.choice(list(letters), int(draw.integers(1, 80)))) for _ in range(300)]
    found = run_javascript(
        """
        import { drawStrokes, strokesAsText, strokesFromText } from "./drawing/strokes.js";
        const result = given.map((text) => {
          const { strokes, refused } = strokesFromText(text);
          drawStrokes(strokes, 28);
          return [refused?.say ?? null, strokes.length, refused ? null : strokesAsText(strokes)];
        });
        """,
        texts + noise,
    )
    read_well = [text for text, (refused, _, _) in zip(texts, found, strict=False) if refused is None]
    assert read_well == ["1", good]
    for text, (refused, count, again) in zip(texts + noise, found, strict=True):
        assert (refused, count) == ("strokesUnreadable", 0) if refused else again == text


def test_strokes_become_smooth_pixels():
    strokes = [
        {"width": 70, "erases": False, "points": [[200, 512], [400, 512], [800, 512]]},
        {"width": 100, "erases": True, "points": [[512, 512]]},
        {"width": 70, "erases": False, "points": [[-300, 100], [-200, 100]]},
    ]
    page = run_javascript(
        'import { drawStrokes } from "./drawing/strokes.js"; const result = drawStrokes(given, 280);'.replace(
            "; const", ";\nconst"
        ),
        strokes,
    )
    page = np.array(page).reshape(280, 280)
    column = page[:, 80] / 255
    assert abs(column.sum() - 70 / 1024 * 280) < 0.3  # the pen's width
    assert not page[137:143, 137:143].any()
    assert not page[:60].any()  # outside the pad on the left
    rows = np.flatnonzero(page.any(axis=1))
    assert abs((rows[0] + rows[-1] + 1) / 2 - 140) <= 0.5


def test_pieces_of_a_growing_stroke_are_those_of_the_whole():
    draw = np.random.default_rng(7)
    points = draw.uniform(0, 1023, (40, 2)).round().tolist()
    whole, grown = run_javascript(
        """
        import { piecesOfStroke } from "./drawing/strokes.js";
        const grown = [];
        let drawn = 0;
        for (let count = 1; count <= given.length; count++) {
          grown.push(...piecesOfStroke(given.slice(0, count), drawn, count === given.length));
          drawn = Math.max(drawn, count - 1);
        }
        const result = [piecesOfStroke(given), grown];
        """,
        points,
    )
    assert whole == grown


def test_every_text_has_its_words_in_both_languages():
    words = run_javascript(
        'import { drawingWords } from "./words/drawing.js";\nconst result = drawingWords;', timeout=60
    )
    english, chinese = words["en"], words["zh"]
    assert english.keys() == chinese.keys()
    values = re.compile(r"{(\w+)}")
    for key, text in english.items():
        assert sorted(values.findall(text)) == sorted(values.findall(chinese[key])), key
    code = "".join(path.read_text("utf-8") for path in sorted((PAGE / "drawing").glob("*.js")))
    said = re.findall(r'(?:say: |say\(|tell\(|refusal\(|step\(|Step\(|said = )"(\w+)"', code)
    unknown = set(said) - english.keys() - {"undo", "redo"}
    assert len(set(said)) > 20
    assert not unknown


def test_heads_of_picture_files_tell_kind_and_size():
    files, expected = [], []
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        for size in ((1, 1), (37, 300)):
            buffer = io.BytesIO()
            Image.new("RGB", size, (9, 99, 199)).save(buffer, kind)
            files.append(list(buffer.getvalue()))
            expected.append({"kind": kind, "width": size[0], "height": size[1]})
    buffer = io.BytesIO()
    Image.new("RGBA", (50, 20), (9, 99, 199, 3)).save(buffer, "WEBP", lossless=True)
    files.append(list(buffer.getvalue()))
    expected.append({"kind": "WEBP", "width": 50, "height": 20})
    for text in (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF1234WAVE",
    ):
        files.append(list(text))
        expected.append(None)
    heads = run_javascript(
        """
        import { pictureHead } from "./drawing/heads.js";
        const result = given.map((bytes) => pictureHead(Uint8Array.from(bytes)));
        """,
        files,
    )
    assert heads == expected

"""CSV tables of images: a label and the pixels in each line."""

import gzip

import numpy as np
import pytest
from conftest import refusal, refusal_of_file

from app.datasets import tables
from app.datasets.sources import load_local
from app.datasets.tables import open_table

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (12, 4, 4), dtype=np.uint8)
LABELS = np.arange(12) % 3


def header(count=16, label="label"):
    return ",".join((label, *(f"pixel{i}" for i in range(count))))


def lines(images=IMAGES, labels=LABELS, head=None, delimiter=","):
    rows = images.reshape(len(images), -1).tolist()
    if labels is not None:
        rows = [[label, *row] for label, row in zip(labels.tolist(), rows, strict=True)]
    head = [] if head is None else [head.replace(",", delimiter)]
    return "\n".join([*head, *(delimiter.join(map(str, row)) for row in rows)]) + "\n"


@pytest.fixture
def write(tmp_path):
    def file(content, name="train.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file


def assert_read(path, images=IMAGES, labels=LABELS):
    found = open_table(path).read()
    np.testing.assert_array_equal(found[0], images)
    np.testing.assert_array_equal(found[1], labels)
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("head", [None, header(), header(label="CLASS")], ids=["bare", "label", "class"])
def test_a_label_and_the_pixels_in_each_line(write, head, delimiter):
    images, _ = assert_read(write(lines(head=head, delimiter=delimiter)))
    assert images.dtype == np.uint8


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace(",", ", "),
        lambda text: "\n".join(",".join(f'"{v}"' for v in line.split(",")) for line in text.splitlines()),
    ],
    ids=["Windows", "BOM", "blank lines", "no end", "blanks", "quotes"],
)
@pytest.mark.parametrize("head", [None, header()], ids=["bare", "header"])
def test_spellings_of_a_table(write, change, head):
    assert_read(write(change(lines(head=head))))


def test_a_table_is_read_in_blocks(write, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 100)
    assert_read(write(lines(head=header())))
    assert_read(write(lines()))


def test_a_compressed_table(write):
    assert_read(write(gzip.compress(lines(head=header()).encode()), "train.csv.gz"))


def test_the_label_may_stand_last_and_rows_may_be_numbered(write):
    rows = [
        ",".join(map(str, (number, *image.ravel(), label)))
        for number, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True))
    ]
    head = ",".join(("", *(f"{i}x{j}" for i in range(4) for j in range(4)), "label"))
    assert_read(write("\n".join([head, *rows])))


def test_fractions_are_read_too(write):
    text = "label," + ",".join(map(str, range(16))) + "\n" + "1.0," + ",".join(["0.5"] * 16) + "\n"
    images, labels = open_table(write(text)).read()
    assert images.dtype == np.float32
    assert (images == 0.5).all()
    assert labels.tolist() == [1]


def test_three_colours(write):
    colour = RNG.integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    assert_read(write(lines(colour, LABELS[:5])), colour, LABELS[:5])


def test_pixels_alone_have_no_labels(write):
    for head in (None, header().partition(",")[2]):
        table = open_table(write(lines(labels=None, head=head)))
        assert table.label is None
        assert table.shape == (4, 4)
        assert refusal_of_file(lambda path, table=table: table.read(), table.path) == (
            "PATH: has no labels; expected a column called label"
        )


def broken(number, change):
    """A table of which one line, counted from 1, is changed."""
    text = lines(head=header()).splitlines()
    text[number - 1] = change(text[number - 1])
    return "\n".join(text)


@pytest.mark.parametrize("block", [60, 1 << 22])
@pytest.mark.parametrize(
    ("number", "change", "what"),
    [
        (2, lambda line: line + ",7", "line 2: 18 values where 17 are expected"),
        (5, lambda line: line.rpartition(",")[0], "line 5: 16 values where 17 are expected"),
        (13, lambda line: line.rpartition(",")[0] + ",x", "line 13: 'x' in column 17 is no number"),
        (9, lambda line: line.rpartition(",")[0] + ",", "line 9: '' in column 17 is no number"),
        (9, lambda line: line.rpartition(",")[0] + ",nan", "line 9: 'nan' in column 17 is no number"),
        (4, lambda line: line.rpartition(",")[0] + ",256", "line 4: a pixel of 256; expected 0…255"),
        (4, lambda line: line.rpartition(",")[0] + ",-1", "line 4: a pixel of -1; expected 0…255"),
        (3, lambda line: "cat" + line[1:], "line 3: 'cat' in column 1 is no number"),
        (3, lambda _: "\0" * 20, "line 3: 1 values where 17"),
        (3, lambda _: "# a remark", "line 3: 1 values where 17"),
    ],
)
def test_the_bad_line_is_named(write, monkeypatch, number, change, what, block):
    monkeypatch.setattr(tables, "BLOCK", block)
    path = write(broken(number, change))
    message = refusal_of_file(lambda path: open_table(path).read(), path)
    assert message.startswith("PATH, " + what)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "PATH: its first line is empty"),
        (b"\n1,2\n", "PATH: its first line is empty"),
        (b"\x89PNG\r\n\x1a\n\0", "PATH: not a text file in UTF-8"),
        (b"PK\3\4\0\0\0", "PATH: not a table of numbers"),
        (b"name,age\nx,3\n", "PATH: 2 columns, name, age, …; expected a column called label and the pixels"),
        (b"1,2,3\n", "PATH: 3 columns; expected a column called label and the pixels of a square picture"),
        (header().encode(), "PATH: there are no images"),
        (gzip.compress(lines().encode())[:-20], "PATH: the gzip data is damaged or cut short"),
        (b"1," * 3_000_000, "PATH: a line of more than 4,194,304 bytes"),
        (gzip.compress(bytes(50_000_000)), "PATH: a line of more than 4,194,304 bytes"),
    ],
    ids=["empty", "blank", "PNG", "ZIP", "other", "odd", "header", "cut", "long", "bomb"],
)
def test_what_is_no_table_of_pictures(write, content, what):
    message = refusal_of_file(lambda path: open_table(path).read(), write(content))
    assert message.startswith(what)
    assert len(message) < 250


@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress], ids=["raw", "gzip"])
def test_a_damaged_byte_never_gives_anything_but_a_plain_message(write, pack):
    whole = pack(lines(IMAGES[:4], LABELS[:4], header()).encode())
    escaped, refused = {}, 0
    for place in range(len(whole)):
        for flip in (0xFF, 0x10):
            path = write(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            try:
                load_local(str(path))
            except Exception as error:
                if isinstance(error, ValueError) and str(path) in str(error):
                    refused += 1
                else:
                    escaped[place] = repr(error)[:80]
    assert refused > len(whole) / 4
    assert escaped == {}


def test_a_table_that_takes_too_much_memory_is_not_read_to_its_end(write, monkeypatch):
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    monkeypatch.setattr(tables, "BLOCK", 60)
    message = refusal_of_file(lambda path: open_table(path).read(), write(lines()))
    assert message == "PATH: its images take more than 100 bytes; give fewer lines"


def test_a_file_and_the_one_of_the_test_images_beside_it(write):
    path = write(lines(head=header()), "mnist_train.csv")
    write(lines(IMAGES[:5], LABELS[:5], header()), "mnist_test.csv")
    data = load_local(str(path))
    assert (len(data.train_images), len(data.test_images), data.name, data.notes) == (
        12,
        5,
        "mnist_train",
        (),
    )


@pytest.mark.parametrize("test_file", [None, lines(labels=None, head=header().partition(",")[2])])
def test_test_images_are_held_out_where_none_have_labels(write, test_file):
    """Kaggle's test.csv has none; one image of seven, always the same, each once."""
    write(lines(head=header()))
    write("ImageId,Label\n1,0\n", "sample_submission.csv")
    if test_file:
        write(test_file, "test.csv")
    folder = write("", "notes.txt").parent
    data, again = load_local(str(folder)), load_local(str(folder))
    assert (len(data.train_images), len(data.test_images)) == (11, 1)
    both = np.concatenate([data.train_images, data.test_images])[..., 0]
    assert {image.tobytes() for image in both} == {image.tobytes() for image in IMAGES}
    np.testing.assert_array_equal(data.test_images, again.test_images)
    lack = "test.csv has no labels" if test_file else "There is no file of test images"
    held = "1 of the 12 labelled images are held out as test images, always the same ones"
    assert data.notes == (f"{lack}: {held}.",)


def test_a_table_without_a_header_is_said(write):
    write(lines())
    write(lines(IMAGES[:5], LABELS[:5]), "test.csv")
    data = load_local(str(write("", "notes.txt").parent))
    assert data.notes == ("train.csv has no header: the first column is taken for the label.",)


def test_several_sets_in_a_folder(write):
    for name in ("emnist-digits", "emnist-letters"):
        write(lines(labels=LABELS + 1), f"{name}-train.csv")
        folder = write(lines(labels=LABELS + 1), f"{name}-test.csv").parent
    write("1 65 97\n2 66 98\n3 67 99\n", "emnist-letters-mapping.txt")
    message = refusal_of_file(load_local, folder)
    assert "there are 2 files called train: emnist-digits-train.csv, emnist-letters-train.csv" in message
    assert message.endswith("give PATH/emnist-digits")
    data = load_local(f"{folder}/emnist-letters")
    assert (data.name, data.class_names) == ("emnist-letters", ("A", "B", "C"))
    assert "Labels count from 1: class 0 is label 1, called A." in data.notes
    assert load_local(f"{folder}/emnist-letters-train.csv").class_names == ("A", "B", "C")
    assert load_local(f"{folder}/emnist-digits").class_names == ("1", "2", "3")


def test_emnists_letters_by_the_mapping_beside_a_renamed_table(write):
    images = RNG.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    folder = write(lines(images, np.arange(6) % 2 + 1, header(784)), "train.csv").parent
    write(lines(images, np.arange(6) % 2 + 1, header(784)), "test.csv")
    assert load_local(str(folder)).notes == ("Labels count from 1: class 0 is label 1.",)
    write("1 65 97\n2 66 98\n", "emnist-letters-mapping.txt")
    data = load_local(str(folder))
    assert data.class_names == ("A", "B")
    np.testing.assert_array_equal(data.train_images[..., 0], images.swapaxes(1, 2))
    assert "Images turned upright" in data.notes[-1]


def test_a_folder_whose_training_images_are_not_known(write):
    write(lines(), "one.csv")
    folder = write(lines(), "two.csv").parent
    message = refusal_of_file(load_local, folder)
    assert message.endswith("One must be called train.csv; there are one.csv, two.csv")


def test_the_only_table_in_a_folder_is_the_training_one(write):
    assert len(load_local(str(write(lines(), "A_Z.csv").parent)).train_images) == 11


def test_the_test_images_of_another_size(write):
    write(lines())
    folder = write(lines(RNG.integers(0, 256, (3, 5, 5)), LABELS[:3]), "test.csv").parent
    assert "training images are 4×4×1, test images 5×5×1" in refusal(load_local, str(folder))


def test_a_packed_folder_is_to_be_unpacked(write):
    assert refusal_of_file(load_local, write(b"PK\3\4", "digit-recognizer.zip")) == (
        "PATH: a packed folder; unpack it, and give the folder with the data"
    )

"""The faith door on a tiny model: reports, pictures, the command that made them, the model untouched."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

import app as lab
import app.engine
from app.faith.__main__ import main
from app.faith.asked import FaithRequest, open_run
from app.faith.shards import faith_job
from app.files.cards import hash_file
from app.maps.open_model import ModelChoice, OpenModel
from app.shards.helpers import Helpers

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small network with a shuffled twin, and images that fit."""
    folder = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(0)
    for name, seed in (("tiny", 1), ("twin", 2)):
        keras.utils.set_random_seed(seed)
        image = keras.Input((10, 10, 1))
        x = layers.Conv2D(4, 3, activation="relu", name="conv")(image)
        x = layers.Flatten()(layers.MaxPooling2D()(x))
        keras.Model(image, layers.Dense(3, activation="softmax", name="top")(x)).save(
            folder / f"{name}.keras"
        )
    images, labels = rng.uniform(0, 1, (140, 10, 10)), np.arange(140) % 3
    np.savez(folder / "data.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return folder


@pytest.fixture
def faith(door, tiny):
    def run(*arguments):
        code, output, error = door(
            main, "--model", tiny / "tiny.keras", "--data", tiny / "data.npz", *arguments
        )
        assert code == 0, error
        return output

    return run


def test_all_methods_all_tests_and_the_model_untouched(faith, tiny):
    before = hash_file(tiny / "tiny.keras")
    data = json.loads(faith("--count", 6, "--format", "json"))
    assert hash_file(tiny / "tiny.keras") == before
    assert [line["method"] for line in data["sanity"]] == [line["name"] for line in data["faithfulness"][:-1]]
    assert len(data["sanity"]) == len(data["agreement"]) == 16
    numbers = [v for line in data["sanity"] for v in (*line["means"], *line["signed"])]
    assert np.isfinite(numbers).all()
    integrated = next(line for line in data["sanity"] if line["method"] == "integrated")
    assert integrated["kept"] > next(line for line in data["sanity"] if line["method"] == "vanilla")["kept"]
    verdicts = {line["method"]: line["verdict"] for line in data["agreement"]}
    assert verdicts["vanilla"] == verdicts["gradcam"] == "the same map"


def test_one_test_alone_says_how_it_was_made(faith, tiny, tmp_path):
    text = faith(
        "--count",
        4,
        "--method",
        "vanilla",
        "--sanity",
        "--verbose",
        "--shuffled",
        tiny / "twin.keras",
        "--seed",
        3,
        "--draws",
        2,
        "--pictures",
        tmp_path / "p",
    )
    squeezed = " ".join(text.split())
    assert "shuffled labels" in squeezed
    assert "--count 4 --sanity --data" in squeezed
    assert "--seed 3 --draws 2." in squeezed
    assert "vanilla: with every layer randomised" in squeezed
    assert "Recommended" not in squeezed
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"faith-sanity.png", "faith-stages.png"}


def test_faithfulness_has_its_caveat_its_picture_and_a_file(faith, tmp_path):
    output = tmp_path / "r" / "report.md"
    faith("--count", 3, "--method", "vanilla", "--faithfulness", "--output", output, "--pictures", tmp_path)
    text = output.read_text("utf-8")
    assert "never trained on" in text
    assert "vanilla: when the pixels that it ranks highest are removed" in text
    assert (tmp_path / "faith-curves.png").stat().st_size > 10_000


def test_the_same_command_gives_the_same_report(faith):
    arguments = ("--count", 5, "--method", "gradcam", "--sanity", "--format", "markdown")
    assert faith(*arguments) == faith(*arguments)


def test_a_twin_of_another_shape_is_refused(door, tiny):
    code, _, error = door(
        main,
        "--model",
        tiny / "tiny.keras",
        "--data",
        tiny / "data.npz",
        "--shuffled",
        "mnist",
        "--sanity",
        "--count",
        2,
    )
    assert code == 2
    assert "must be the same network" in error


def test_a_network_that_takes_series_is_refused(mnist):
    from app.datasets.samples import check_fit

    with pytest.raises(ValueError, match="takes series, and mnist holds images"):
        check_fit(mnist, (1, 128, 9))


@pytest.fixture
def folder(tmp_path):
    """Pictures of three classes, 24 of them for testing."""
    rng = np.random.default_rng(0)
    for i in range(30):
        place = tmp_path / "pictures" / ("train" if i < 6 else "test") / "abc"[i % 3]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (10, 10), np.uint8)).save(place / f"{i:02d}.png")
    return tmp_path / "pictures"


def test_pictures_that_are_gone_are_named_and_the_others_tested(tiny, folder):
    data, net = lab.open_data(folder), lab.load(tiny / "tiny.keras")
    asked = {"count": 24, "methods": ["vanilla"], "tests": ["sanity", "faithfulness"]}
    whole = lab.trust(net, data, **asked)
    assert (whole.results.lost, whole.run.own_numbers[0]) == ({}, 0)
    for number in range(22):
        data.test_images.files[number].unlink()
    report = lab.trust(net, data, **asked)
    assert report.title.endswith("2 test images of pictures")
    assert list(report.results.lost) == [*range(22)]
    assert list(report.run.own_numbers) == [22, 23]
    assert [each.images for each in report.results.sane] == [2]
    for side in ("deletion", "insertion"):  # the others are tested as if nothing had happened
        before, after = (each.results.faith.methods[0].areas[side] for each in (whole, report))
        np.testing.assert_allclose(after, before[22:], atol=1e-6)
    assert "22 images could not be tested: test image 0 (" in str(report)
    assert "and 17 more" in str(report)
    for number in (22, 23):
        data.test_images.files[number].unlink()
    with pytest.raises(ValueError, match="no image could be read"):
        lab.trust(net, data, **asked)


def test_nobody_is_asked_in_two_ways(door, tiny):
    both = ("--workers", 2, "--scheduler", "tcp://127.0.0.1:8786")
    code, _, error = door(main, "--model", tiny / "tiny.keras", "--data", tiny / "data.npz", *both)
    assert code == 2
    assert "give one of them" in error


def contents(folder):
    """What shards hold, but for seconds."""
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as columns:
            found[path.name] = {name: columns[name].tolist() for name in columns if "seconds" not in name}
    return found


def in_process(tiny, *arguments):
    """Start the command in a process of its own, as workers need it, and return how long its tests took."""
    command = [sys.executable, "-m", "app.faith", "--model", tiny / "tiny.keras", "--data", tiny / "data.npz"]
    done = subprocess.run(
        [*map(str, command + list(arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def without_seconds(report):
    """The lines of a report; the table that has seconds without its last column."""
    lines, is_timed = [], False
    for line in report.read_text("utf-8").splitlines():
        is_timed = line.startswith("|") and (is_timed or "| seconds |" in line)
        lines.append(line.rsplit("|", 2)[0] if is_timed else line)
    return lines


OTHERS = (
    FaithRequest(40, seed=1),
    FaithRequest(39),
    FaithRequest(40, draws=4),
    FaithRequest(40, layer="conv"),
    FaithRequest(40, tests=("sanity",)),
    FaithRequest(40, methods=("vanilla",)),
)
"""Other questions, each by one setting."""


def test_what_another_question_found_is_not_taken(tiny, tmp_path):
    opened, twin = (
        OpenModel(ModelChoice(str(tiny / "tiny.keras"))),
        OpenModel(ModelChoice(str(tiny / "twin.keras"))),
    )
    images = np.zeros((40, 10, 10, 1), np.uint8)

    def facts(asked, images=images, shuffled=None, opened=opened):
        job, items = faith_job(Helpers(output=tmp_path), opened, asked, images, shuffled)
        assert len(items) == len(images)
        return json.dumps(job.facts)

    usual = FaithRequest(40)
    found = [facts(each) for each in (usual, *OTHERS)]
    found += [facts(usual, images + 1), facts(usual, shuffled=twin), facts(usual, opened=twin)]
    assert len(set(found)) == len(found)
    agreeing = FaithRequest(40, tests=("sanity", "faithfulness"))  # agreement is no part of a shard
    assert facts(usual) == facts(agreeing) == found[0]


def test_a_shard_is_computed_alike_whatever_its_process_did_before(tiny, tmp_path):
    def found(order):
        opened = OpenModel(ModelChoice(str(tiny / "tiny.keras"), machine="tensorflow"))
        images = np.random.default_rng(0).integers(0, 256, (60, 10, 10, 1), np.uint8)
        asked = FaithRequest(60, methods=("gradient-input", "gradcam"), draws=2)
        job, items = faith_job(Helpers(output=tmp_path), opened, asked, images, None)
        work, made = job.open(), {}
        for part in order:
            numbers = range(20 * part, 20 * part + 20)
            batch = work.records(work.read([(number, items[number]) for number in numbers]))
            parts = (each.columns() for each in batch.parts.values())
            columns = ((name, values.tobytes()) for each in parts for name, values in each.items())
            made[part] = {name: values for name, values in columns if "seconds" not in name}
        return made

    first, second = found([0, 1, 2]), found([2, 1, 0])
    assert first == second
    assert first[0] != first[1]


def test_everything_is_compiled_at_its_first_call(tiny):
    """A process that did more before would else compute otherwise than one that begins."""
    opened = OpenModel(ModelChoice(str(tiny / "tiny.keras"), machine="tensorflow"))
    explainer = open_run(opened, FaithRequest(20), (10, 10, 1)).explainer
    explainer.predicted_classes(np.zeros((2, 10, 10, 1), np.float32))
    assert {each.traces for each in explainer.machine.compiled.values()} == {1}


def test_a_model_in_memory_is_not_sent_to_workers(tiny):
    model = keras.models.load_model(tiny / "tiny.keras")
    with pytest.raises(ValueError, match="save it, and give its file"):
        lab.trust(model, str(tiny / "data.npz"), count=2, methods=["vanilla"], workers=1)


@pytest.mark.slow
def test_workers_find_what_one_process_finds_and_a_finished_run_costs_nothing(tiny, tmp_path):
    """Real processes; the images are 130 in three shards."""
    asked = (
        "--count",
        130,
        "--draws",
        3,
        "--method",
        "vanilla",
        "--method",
        "gradcam",
        "--shuffled",
        tiny / "twin.keras",
    )
    reports = [tmp_path / name / "report.md" for name in ("plain", "one", "two")]
    for report, workers in zip(reports, ((), ("--workers", 1), ("--workers", 2)), strict=True):
        report.parent.mkdir()
        in_process(tiny, *asked, *workers, "--output", report)
    plain, one, two = map(without_seconds, reports)
    assert plain == one == two
    assert "130 test images" in plain[0]
    folder = tmp_path / "two" / ".shards"
    assert not (tmp_path / "plain" / ".shards").exists()
    assert contents(folder) == contents(tmp_path / "one" / ".shards")

    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (gone,) = folder.glob("000001-*.npz")
    kept = gone.read_bytes()
    gone.unlink()
    again = tmp_path / "two" / "again.md"
    in_process(tiny, *asked, "--workers", 2, "--output", again)
    assert without_seconds(again) == two
    assert len(kept) == gone.stat().st_size
    assert {path for path in folder.iterdir() if path.stat().st_mtime_ns != times[path]} == {gone}

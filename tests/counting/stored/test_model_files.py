import json
import zipfile

import pytest

from app.counting.stored import model_files
from app.counting.stored.model_files import read_config, refuse_code, verify_contents

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def keras():
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    # isort: split
    import keras

    return keras


@pytest.fixture(scope="module")
def stored(keras, tmp_path_factory):
    """One small model in both formats, and its weights alone."""
    folder = tmp_path_factory.mktemp("models")
    layers = [keras.layers.Conv2D(2, 3, name="conv"), keras.layers.Flatten(name="flat")]
    model = keras.Sequential([keras.Input((5, 5, 1)), *layers], name="small")
    for name in ("small.keras", "small.h5"):
        model.save(folder / name)
    model.save_weights(folder / "small.weights.h5")
    return folder


def refusal(action, *arguments):
    with pytest.raises(ValueError, match=r".") as caught:
        action(*arguments)
    return str(caught.value)


def layer(kind, name="layer", **config):
    return {"class_name": kind, "config": {"name": name, **config}}


def network(*layers, name="net"):
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def write_archive(path, config, **others):
    text = config if isinstance(config, str | bytes) else json.dumps(config)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", text)
        for name, content in others.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["small.keras", "small.h5"])
def test_both_formats_say_the_same(stored, name):
    config = read_config(stored / name)
    assert config["class_name"] == "Sequential"
    assert config["config"]["name"] == "small"
    names = [entry["config"]["name"] for entry in config["config"]["layers"]]
    assert names[-2:] == ["conv", "flat"]


def test_a_file_is_known_by_its_content_and_not_by_its_suffix(stored, tmp_path):
    for name, other in (("small.keras", "a.h5"), ("small.h5", "b.keras")):
        (tmp_path / other).write_bytes((stored / name).read_bytes())
        assert read_config(tmp_path / other)["config"]["name"] == "small"


def test_reading_the_configuration_loads_nothing_heavy(command, tmp_path):
    path = write_archive(tmp_path / "model.keras", network(layer("Dense")))
    code = (
        "import sys; from pathlib import Path; from app.counting.stored.model_files import read_config;"
        f"print(read_config(Path({str(path)!r}))['config']['name']);"
        "print([m for m in ('numpy', 'h5py', 'keras', 'tensorflow') if m in sys.modules])"
    )
    done = command("-c", code)
    assert done.stdout.split("\n")[:2] == ["net", "[]"], done.stderr


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not a Keras model"),
        (b"just some text\n", "is not a Keras model"),
        (b"PK\x03\x04 and nothing more", "is not a Keras model"),
        (b"\x89HDF\r\n\x1a\n and nothing more", "is damaged or cut short"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, content, what):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert f"{path} {what}" in refusal(read_config, path)


def test_a_missing_file_and_a_folder(tmp_path):
    assert refusal(read_config, tmp_path / "no.keras").startswith(
        f"model file {tmp_path / 'no.keras'} does not exist"
    )
    assert f"model file {tmp_path} is a folder" in refusal(read_config, tmp_path)


def test_a_zip_archive_that_is_no_model(tmp_path):
    path = tmp_path / "photos.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.txt", "cheese")
    assert refusal(read_config, path) == f"{path} is a zip archive without a Keras model in it"


def test_weights_alone_are_not_enough(stored):
    path = stored / "small.weights.h5"
    assert f"{path} holds weights only" in refusal(read_config, path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"class_name": "Sequential"}', b"\xff\xfe\x00", "[" * 50_000],
    ids=["empty", "cut", "list", "number", "half", "binary", "deep"],
)
def test_a_damaged_configuration(tmp_path, text):
    path = write_archive(tmp_path / "model.keras", text)
    message = refusal(read_config, path)
    assert str(path) in message
    assert "damaged" in message


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("name", ["small.keras", "small.h5"])
def test_a_cut_file_is_refused(stored, tmp_path, name, share):
    whole = (stored / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: int(len(whole) * share)])
    message = refusal(read_config, path)
    assert str(path) in message
    assert "cut short" in message or "damaged" in message


@pytest.mark.parametrize("action", [read_config, verify_contents])
def test_a_damaged_byte_never_gives_anything_but_a_plain_message(tmp_path, action):
    weights = {"model.weights.h5": b"weights" * 20}
    path = write_archive(tmp_path / "model.keras", network(layer("Dense")), **weights)
    whole = path.read_bytes()
    escaped, refused = {}, 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            action(path)
        except Exception as error:
            if isinstance(error, ValueError) and str(path) in str(error):
                refused += 1
            else:
                escaped[place] = repr(error)
    assert refused > len(whole) / 4
    assert escaped == {}


def test_damaged_weights_are_found_by_their_checksum(tmp_path):
    weights = {"model.weights.h5": bytes(range(256))}
    path = write_archive(tmp_path / "model.keras", network(layer("Dense")), **weights)
    verify_contents(path)
    whole = path.read_bytes()
    place = whole.index(b"model.weights.h5") + len("model.weights.h5") + 20
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
    assert read_config(path)["class_name"] == "Sequential"
    assert f"{path} is damaged" in refusal(verify_contents, path)


def test_healthy_files_verify(stored):
    for name in ("small.keras", "small.h5"):
        verify_contents(stored / name)


def with_lambda(keras, place):
    layers, image = keras.layers, keras.Input((4, 3))
    code = layers.Lambda(lambda x: x * 2, name="double")
    if place == "nested":
        inner = keras.Sequential([keras.Input((4, 3)), code])
        return keras.Model(image, inner(image))
    if place == "wrapped":
        return keras.Model(image, layers.TimeDistributed(code)(image))
    return keras.Model(image, code(image))


@pytest.mark.parametrize(
    ("place", "suffix"), [("top", ".keras"), ("top", ".h5"), ("nested", ".keras"), ("wrapped", ".keras")]
)
def test_code_in_a_model_file_is_refused(keras, tmp_path, place, suffix):
    path = tmp_path / f"model{suffix}"
    with_lambda(keras, place).save(path)
    message = refusal(refuse_code, read_config(path), path)
    assert f"{path} contains the Lambda layer 'double', which is code" in message


def test_a_function_stored_as_an_argument_is_refused(tmp_path):
    stored_function = {"class_name": "__lambda__", "config": {"value": "gAAA"}}
    config = network(layer("Dense", activation=stored_function))
    assert str(tmp_path) in refusal(refuse_code, config, tmp_path)


def test_what_is_only_called_lambda_is_no_code(stored):
    assert refuse_code(network(layer("Dense", "Lambda")), stored) is None
    assert refuse_code(read_config(stored / "small.keras"), stored) is None


CONV, DENSE, IMAGE = layer("Conv2D"), layer("Dense"), layer("InputLayer")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (network(IMAGE, CONV, DENSE), True),
        (network(IMAGE, layer("DepthwiseConv2D")), True),
        (network(IMAGE, network(IMAGE, network(IMAGE, CONV))), True),
        (network(IMAGE, layer("TimeDistributed", layer=CONV)), True),
        ({"class_name": "Sequential", "config": [IMAGE, CONV]}, True),
        (network(IMAGE, DENSE), False),
        (network(IMAGE, layer("Dense", "Conv")), False),
        (network(IMAGE, network(IMAGE, DENSE)), False),
    ],
)
def test_convolutions_are_found_at_any_depth(config, expected):
    assert model_files.contains_convolution(config) is expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (network(IMAGE, layer("Rescaling"), CONV), True),
        (network(layer("Rescaling"), CONV), True),
        (network(IMAGE, layer("Normalization"), CONV), True),
        (network(IMAGE, layer("Resizing"), layer("Rescaling"), CONV), True),
        (network(IMAGE, network(IMAGE, layer("Rescaling"), CONV), DENSE), True),
        (network(IMAGE, network(IMAGE, CONV), layer("Rescaling")), False),
        (network(IMAGE, CONV, layer("Rescaling"), DENSE), False),
        (network(IMAGE, CONV, DENSE), False),
        ({"class_name": "MyModel", "config": None}, False),
    ],
)
def test_a_model_that_rescales_its_pixels_itself_is_known(config, expected):
    assert model_files.rescales_itself(config) is expected


def test_classes_that_are_not_of_keras_are_listed(stored):
    own = {"module": "my.package", **layer("Swirl")}
    inner = {"module": "keras", **network({"module": "keras.layers", **CONV}, own)}
    config = {"module": "keras", **network(inner, {"module": "other", **layer("Fold")})}
    assert sorted(model_files.find_foreign_classes(config)) == ["Fold", "Swirl"]
    assert model_files.find_foreign_classes(read_config(stored / "small.keras")) == []


def chain(*layers):
    entries = [{"class_name": kind, "config": config} for kind, config in layers]
    return {"class_name": "Sequential", "config": {"name": "net", "layers": entries}}


DENSE = ("Dense", {"units": 2})


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([("Rescaling", {"scale": 1 / 255}), DENSE], True),
        ([("Rescaling", {"scale": 1 / 127.5, "offset": -1}), DENSE], True),
        ([("Rescaling", {"scale": 2.0, "offset": -1}), DENSE], False),  # of 0…1 to -1…1
        ([("Normalization", {"mean": [0.5], "variance": [0.1]}), DENSE], False),
        ([("Normalization", {"mean": [120.0, 117.0]}), DENSE], True),
        (
            [
                ("Sequential", {"layers": [{"class_name": "RandomFlip", "config": {}}]}),
                ("Rescaling", {"scale": 1 / 255}),
                DENSE,
            ],
            True,
        ),
        ([DENSE, ("Rescaling", {"scale": 1 / 255})], False),
    ],
)
def test_pixels_of_0_to_255_are_told_from_0_to_1(layers, expected):
    assert model_files.rescales_itself(chain(("InputLayer", {}), *layers)) is expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("TrueDivide", 255.0, True), ("Multiply", 1 / 255, True), ("Multiply", 2.0, False)],
)
def test_rescaling_written_as_an_operation_is_seen(kind, value, expected):
    config = chain(("InputLayer", {}), (kind, {}), DENSE)
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 8, 8, 3]}}
    config["config"]["layers"][1]["inbound_nodes"] = [{"args": [tensor, value], "kwargs": {}}]
    assert model_files.rescales_itself(config) is expected

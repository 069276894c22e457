"""Files as people really save them: the hand count equals Keras and the stored weights in each format."""

import json

import pytest

from app.counting.stored import reader
from app.counting.stored.count_file import count_file
from app.counting.stored.reader import read_board

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def keras():
    import app.engine  # noqa: F401

    return pytest.importorskip("keras")


def nested_output(k):
    """A functional model whose output is that of a functional model inside it."""
    image = k.Input((8, 8, 3))
    inner = k.Model(image, k.layers.Conv2D(2, 3)(image), name="inner")
    outer = k.Input((8, 8, 3))
    return k.Model(outer, inner(k.layers.Rescaling(0.5)(outer)))


def nested_twice(k):
    image = k.Input((8, 8, 3))
    inner = k.Model(image, k.layers.Conv2D(3, 3, padding="same")(image), name="inner")
    outer = k.Input((8, 8, 3))
    once = inner(outer)
    return k.Model(outer, [once, inner(once)])


def unused_head(k):
    image = k.Input((6,))
    inner = k.Model(image, {"p": k.layers.Dense(3)(image), "q": k.layers.Dense(4)(image)})
    outer = k.Input((6,))
    return k.Model(outer, k.layers.Dense(7)(inner(outer)["q"]))


def dict_inputs(k):
    """Names out of order: Keras takes dicts in the order of their names."""
    small, large = k.Input((3,), name="z"), k.Input((8,), name="a")
    outputs = {"y": k.layers.Dense(2)(small), "b": k.layers.Dense(4)(large)}
    inner = k.Model({"z": small, "a": large}, outputs, name="inner")
    one, other = k.Input((3,)), k.Input((8,))
    made = inner({"z": one, "a": other})
    return k.Model([one, other], k.layers.Dense(5)(k.layers.Concatenate()([made["y"], made["b"]])))


def no_input(k):
    first = k.Sequential([k.layers.Conv2D(4, 3)], name="a")
    second = k.Sequential([k.layers.Flatten(), k.layers.Dense(2)], name="b")
    return k.Sequential([k.Input((8, 8, 3)), first, second])


def three_levels(k):
    model = k.Sequential([k.Input((8, 8, 3)), k.layers.Conv2D(2, 3, name="conv")], name="bb")
    for name in ("ww", "vv", "uu"):
        image = k.Input((8, 8, 3))
        model = k.Model(image, model(image), name=name)
    return model


def resizing(k):
    chain = [
        k.layers.Resizing(64, 64),
        k.layers.RandomCrop(60, 60, seed=1),
        k.layers.Conv2D(4, 3),
        k.layers.Flatten(),
        k.layers.Dense(2),
    ]
    return k.Sequential([k.Input((80, 100, 3)), *chain])


def masked_attention(k):
    query, memory, mask = k.Input((5, 8)), k.Input((5, 4)), k.Input((5, 5))
    attention = k.layers.MultiHeadAttention(2, 3)
    return k.Model([query, memory, mask], attention(query, memory, attention_mask=mask))


def named_attention(k):
    query, memory = k.Input((5, 8)), k.Input((7, 4))
    return k.Model([query, memory], k.layers.MultiHeadAttention(2, 3)(value=memory, query=query))


def frozen_wrappers(k):
    turned = k.layers.Conv2D(2, 3, data_format="channels_first")
    chain = [
        k.layers.TimeDistributed(k.layers.Conv2D(3, 3), trainable=False),
        k.layers.TimeDistributed(turned),
    ]
    return k.Sequential([k.Input((2, 9, 9, 3)), *chain])


def frozen_memory(k):
    chain = [k.layers.LSTM(4, trainable=False), k.layers.Dense(2)]
    return k.Sequential([k.Input((5, 8)), *chain])


def split(k):
    image = k.Input((8, 8, 4))
    left, right = k.ops.split(image, 2, axis=-1)
    both = k.layers.Concatenate()([k.layers.Conv2D(2, 3)(left), k.layers.Conv2D(3, 3)(right)])
    return k.Model(image, both)


def memory_with_state(k):
    steps = k.Input((5, 8))
    out, state, _ = k.layers.LSTM(4, return_state=True)(steps)
    return k.Model(steps, [k.layers.Dense(2)(out), k.layers.Dense(3)(state)])


def scores(k):
    steps = k.Input((5, 8))
    return k.Model(steps, k.layers.MultiHeadAttention(2, 3)(steps, steps, return_attention_scores=True))


BUILDERS = (
    dict_inputs,
    no_input,
    nested_output,
    nested_twice,
    unused_head,
    three_levels,
    resizing,
    masked_attention,
    named_attention,
    frozen_wrappers,
    frozen_memory,
    split,
    memory_with_state,
    scores,
)


@pytest.mark.filterwarnings("ignore:.*HDF5")
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("build", BUILDERS)
def test_a_file_is_counted_as_keras_counts_it(keras, tmp_path, build, ending):
    model = build(keras)
    path = tmp_path / f"model.{ending}"
    model.save(path)
    counted = count_file(path)
    assert counted.differences == ()
    trainable = sum(w.shape.num_elements() for w in as_tensors(model.trainable_weights))
    assert counted.sheet.parameters == model.count_params()
    assert counted.sheet.trainable == trainable
    known = [row for row in counted.sheet.rows if row.name in counted.sheet.outputs]
    shapes = [tuple(out.shape[1:]) for out in keras.tree.flatten(model.outputs)]
    for row, shape in zip(known, shapes, strict=False):
        assert not row.is_shape_known or row.output_shape == shape


def as_tensors(variables):
    return [variable.value for variable in variables]


def test_what_follows_an_unknown_shape_is_not_guessed(keras, tmp_path):
    model = frozen_memory(keras)
    model.save(tmp_path / "m.h5")
    memory, dense = count_file(tmp_path / "m.h5").sheet.rows[1:]
    assert not memory.is_shape_known
    assert not dense.is_shape_known
    assert "not known" in dense.unknown
    assert dense.parameters == 10  # from the stored weights
    model.save(tmp_path / "m.keras")
    assert count_file(tmp_path / "m.keras").sheet.rows[2].output_shape == (2,)


def test_quantised_and_adapted_weights_are_not_counted_as_plain_ones(keras, tmp_path):
    layers = [keras.layers.Dense(8, name="a"), keras.layers.Dense(2, name="b")]
    model = keras.Sequential([keras.Input((6,)), *layers])
    model.get_layer("a").enable_lora(2)
    model.save(tmp_path / "lora.keras")
    counted = count_file(tmp_path / "lora.keras")
    assert [row.name for row in counted.sheet.unknown] == ["a"]
    assert counted.differences == ()


def test_a_fixed_input_is_not_changed_silently(keras, tmp_path):
    nested_output(keras).save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="takes 8×8×3, not 9×9×3"):
        count_file(tmp_path / "m.keras", (9, 9, 3))


def change(config, path, value):
    """Return the configuration with one value changed."""
    config = json.loads(json.dumps(config))
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return config


@pytest.mark.parametrize("value", [5, None, 2.5, ["a"], {"a": 1}, True, float("inf"), 10**20, -3, ""])
@pytest.mark.parametrize(
    "path",
    [
        ("config", "name"),
        ("config", "layers", 1, "config", "name"),
        ("config", "layers", 1, "class_name"),
        ("config", "layers", 1, "config", "filters"),
        ("config", "layers", 1, "config", "kernel_size"),
        ("config", "layers", 0, "config", "batch_shape"),
        ("config", "layers", 1, "config"),
        ("config", "layers", 1, "config", "strides"),
        ("config", "layers"),
        ("class_name",),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_error_or_none(keras, path, value):
    from app.params.reports.count import rows_table
    from app.params.reports.data import row_data

    chain = [keras.layers.Conv2D(2, 3, name="c"), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((8, 8, 3)), *chain], name="net")
    config = json.loads(model.to_json())
    try:
        sheet = read_board(change(config, path, value), strict=False).sheet()
    except ValueError:
        return
    assert rows_table(sheet)
    json.dumps([row_data(row) for row in sheet.rows])


def test_models_that_call_each_other_twice_do_not_hang(keras, monkeypatch):
    assert reader.MAX_CALLS == 100_000  # takes seconds
    monkeypatch.setattr(reader, "MAX_CALLS", 2_000)
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Activation("relu")(image), name="m0")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    for level in range(1, 30):
        inner = {**config, "name": config["config"]["name"]}
        first = [[[f"i{level}", 0, 0, {}]], [[config["config"]["name"], 0, 0, {}]]]
        entry = {
            "class_name": "InputLayer",
            "name": f"i{level}",
            "inbound_nodes": [],
            "config": {"name": f"i{level}", "batch_shape": [None, 4]},
        }
        config = {
            "class_name": "Functional",
            "config": {
                "name": f"m{level}",
                "layers": [entry, {**inner, "inbound_nodes": first}],
                "input_layers": [[f"i{level}", 0, 0]],
                "output_layers": [[config["config"]["name"], 2, 0]],
            },
        }
    with pytest.raises(ValueError, match="more than 2,000 times"):
        read_board(config)

"""What the page's calculator says of settings that cannot be, of layers without a formula, of huge numbers."""

import inspect
import re

import pytest
from counted_on_paper import COUNT, chain, disagreements, facts, own_networks
from javascript import PAGE, run_javascript

from app.counting.chalkboard import nn
from app.counting.layers import LAYERS
from app.counting.stored.count_file import count_config
from app.counting.stored.reader import read_board
from app.counting.stored.weight_files import StoredWeights
from app.lab.layers_data import network_data, open_network_data

pytestmark = pytest.mark.browser

WORDS = """
import { paperWords } from "./words/paper.js";
const result = paperWords;
"""
NETWORKS = ["lenet5", "alexnet", "neocognitron", "tdnn", "vae_mnist", "efficientnet_lite0"]
ALL_WRONG = """
import { countNetwork } from "./paper/network.js";
import { changeInput, changeLayer, whatCanChange } from "./paper/changing.js";
const WRONG = [NaN, Infinity, -Infinity, 0, -3, 0.5, 1e300, 2 ** 40, 2 ** 53, "3", "", "same", {}, [], [NaN], [3, "3"],
  [1, 2, 3, 4], [[1]], () => 3, 3n, Symbol("x"), true, null];
const found = { cases: 0, refused: 0, spoken: {}, silent: [], unsaid: [] };
const look = (network, name, what) => {
  found.cases += 1;
  const { rows } = countNetwork(network);
  const row = rows.find((each) => each.problem);
  if (!row) return found.silent.push(what);
  found.refused += 1;
  found.spoken[row.problem.say] = Object.keys(row.problem.values);
  const behind = rows.filter((each) => each.reads.some((read) => {
    const before = rows.find((other) => other.name === read);
    return before.problem || before.waits;
  }));
  if (behind.some((each) => each.problem || each.waits?.values.layer !== row.name)) found.unsaid.push(what);
  if (row.name !== name) found.unsaid.push(what);
};
for (const network of given) {
  for (const wrong of WRONG) {
    for (const layer of network.layers) {
      for (const { name, kind } of whatCanChange(layer)) {
        const isSilence = wrong === null && (name === "output_padding" || /Pooling/.test(layer.kind));
        const isNone = wrong === 0 && (name === "output_padding" || kind === "border");
        if (isSilence || isNone || wrong === "same" || kind === "flag") continue;
        if (name === "interpolation") continue; // what it reads is then not known
        const what = [network.name, layer.name, name, String(wrong), typeof wrong];
        look(changeLayer(network, layer.name, { [name]: wrong }), layer.name, what);
      }
    }
    const isShape = Array.isArray(wrong) && (wrong.length === 0 || wrong.length === 4);
    for (const shape of [...(isShape ? [] : [wrong]), [wrong, ...network.input.slice(1)]]) {
      look(changeInput(network, shape), network.inputs[0].name, [network.name, "input", String(wrong), typeof wrong]);
    }
  }
}
const result = found;
"""


def test_no_wrong_setting_throws_or_is_counted_in_silence():
    networks = [*map(open_network_data, NETWORKS), *own_networks()]
    for network in networks:
        network["layers"] = network["layers"][:24]
    found = run_javascript(ALL_WRONG, networks)
    assert found["cases"] > 5000
    assert found["silent"] == []
    assert found["unsaid"] == []
    assert found["refused"] == found["cases"]
    words = run_javascript(WORDS)
    for key, values in found["spoken"].items():
        assert set(re.findall(r"\{(\w+)\}", words["en"][key])) <= set(values), key


def test_every_sentence_has_its_words_in_both_languages():
    words = run_javascript(WORDS)
    code = "".join(path.read_text("utf-8") for path in sorted((PAGE / "paper").rglob("*.js")))
    used = set(re.findall(r'"(paper[A-Z]\w+)"', code))
    assert used == set(words["en"]) == set(words["zh"])
    for key, sentence in words["en"].items():
        named = set(re.findall(r"\{(\w+)\}", sentence))
        assert named == set(re.findall(r"\{(\w+)\}", words["zh"][key])), key


def problem_of(layers, shape=(28, 28, 4), changes=()):
    (rows,) = run_javascript(COUNT, [{"network": chain(*layers, shape=shape), "changes": list(changes)}])
    return [(row["name"], row["problem"] or row["waits"]) for row in rows if "problem" in row]


def test_dilation_and_stride_together_are_refused_as_keras_refuses_them():
    layers = [nn.Conv2D(4, 3, strides=2, name="conv"), nn.ReLU(name="relu")]
    said = problem_of(layers, changes=[["conv", {"dilation_rate": 2}]])
    assert said == [
        ("conv", {"say": "paperDilationWithStride", "values": {"strides": "2", "dilation": "2"}}),
        ("relu", {"say": "paperWaits", "values": {"layer": "conv"}}),
    ]


@pytest.mark.parametrize(
    ("setting", "value", "say"),
    [
        ("kernel_size", 29, "paperKernelTooLarge"),
        ("dilation_rate", 14, "paperDilatedTooLarge"),
        ("strides", 0, "paperTooSmall"),
        ("strides", 1.5, "paperNotWhole"),
        ("groups", 3, "paperGroups"),
        ("filters", 5, "paperGroups"),
        ("padding", "full", "paperWord"),
        ("kernel_size", [3], "paperAxes"),
        ("filters", 2**40, "paperTooLarge"),
    ],
)
def test_each_impossible_setting_is_explained(setting, value, say):
    layers = [nn.Conv2D(4, 3, groups=2, name="conv")]
    ((name, problem),) = problem_of(layers, changes=[["conv", {setting: value}]])
    assert (name, problem["say"]) == ("conv", say)


def test_what_the_network_does_not_have_is_told():
    text = """
    import { countNetwork } from "./paper/network.js";
    import { changeInput, changeLayer } from "./paper/changing.js";
    const made = [changeLayer(given, "nobody", { filters: 3 }), changeLayer(given, "c1", { colour: 3 }),
      changeInput(given, [28, 28, 1], "nobody")];
    const result = [...made, {}, null, { layers: 3 }, { input: [8, 8, 1], layers: [null] },
      { input: [8, 8, 1], layers: [{ name: "a", kind: "Conv2D" }, { name: "b", kind: "Strange" }] },
    ].map((network) => countNetwork(network).problem?.say ?? null);
    """
    says = run_javascript(text, open_network_data("lenet5"))
    assert says[:3] == ["paperNoLayer", "paperNoSetting", "paperNoLayer"]
    assert says[3:] == ["paperInputShape", *["paperCannotRead"] * 3, "paperNotWhole"]


def test_an_address_that_means_harm_is_refused():
    text = """
    import { countNetwork } from "./paper/network.js";
    import { changeInput, changeLayer } from "./paper/changing.js";
    const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000));
    const many = Array.from({ length: 50000 }, (_, i) => 60000 - i);
    const made = [changeLayer(given, "c1", { kernel_size: deep }), changeLayer(given, "c1", { __proto__: { a: 1 } }),
      changeLayer(given, "c1", JSON.parse('{"__proto__": 3}')), changeInput(given, many), changeInput(given, deep),
      changeLayer(given, "__proto__", { filters: 2 })];
    const result = made.map((network) => countNetwork(network).problem?.say ?? null);
    """
    says = run_javascript(text, open_network_data("lenet5_modern"), timeout=20)
    assert says[1:4] == [None, "paperNoSetting", "paperInputShape"]
    assert says[5] == "paperNoLayer"
    assert {says[0], says[4]} <= {"paperAxes", "paperNotWhole", "paperCannotRead"}


def test_counts_beyond_the_exact_numbers_of_javascript_are_exact():
    network = chain(nn.Conv2D(3, 3, padding="same", name="conv"), nn.Dense(7, name="dense"), shape=(4, 4, 3))
    shape, filters = [2**21 - 1, 2**20 + 1, 2**30 + 3], 2**39 - 7
    changes = [[None, shape], ["conv", {"filters": filters}]]
    board = nn.Sequential(
        [
            nn.Input(tuple(shape)),
            nn.Conv2D(filters, 3, padding="same", name="conv"),
            nn.Dense(7, name="dense"),
        ]
    )
    (rows,) = run_javascript(COUNT, [{"network": network, "changes": changes}])
    assert rows == [facts(row) for row in board.sheet().rows]
    assert board.sheet().multiply_accumulates > 2**90


def test_a_size_beyond_them_is_refused():
    said = problem_of([nn.Flatten(name="flat")], changes=[[None, [2**30, 2**30, 2]]])
    assert said == [("flat", {"say": "paperNumberTooLarge", "values": {}})]


def entry(kind, name, **told):
    return {"class_name": kind, "module": "keras.layers", "config": {"name": name, **told}}


def own_config():
    """A file's network with layers that the chalkboard does not know."""
    layers = [
        entry("InputLayer", "image", batch_shape=[None, 8, 8, 1]),
        entry(
            "Conv2D",
            "conv",
            filters=4,
            kernel_size=[3, 3],
            strides=[1, 1],
            trainable=False,
            activation="relu",
        ),
        entry("Lambda", "strange"),
        entry("Flatten", "flat") | {"build_config": {"input_shape": [None, 6, 6, 4]}},
        entry("Dense", "dense", units=10),
        entry("Lambda", "stranger"),
        entry("Dense", "behind", units=3),
    ]
    return {"class_name": "Sequential", "config": {"name": "own", "layers": layers}}


def test_layers_without_a_formula_say_so():
    board = read_board(own_config(), strict=False)
    network = network_data(board)
    assert disagreements([{"network": network}], [board.sheet()]) == []
    (rows,) = run_javascript(COUNT, [{"network": network, "changes": [["conv", {"padding": "same"}]]}])
    shapes = {row["name"]: row["shape"] for row in rows}
    assert shapes["conv"] == [8, 8, 4]
    assert shapes["strange"] is shapes["dense"] is None  # what the file states holds for its own input only


def test_a_file_says_the_parameters_of_layers_without_a_formula():
    stored = StoredWeights(
        (("strange/0", (3, 4)), ("strange/1", (4,)), ("conv/0", (3, 3, 1, 4)), ("conv/1", (4,))), 0
    )
    sheet = count_config("own", own_config(), stored).sheet
    network = network_data(read_board(own_config(), strict=False), sheet)
    assert disagreements([{"network": network}], [sheet]) == []
    assert sheet.row("strange").parameters == 16


def test_shared_layers_change_together():
    image = nn.Input((12, 12, 3), name="image")
    conv = nn.Conv2D(3, 3, padding="same", name="conv")
    network = network_data(nn.Model(image, conv(conv(image)), "twice"))
    for name in ("conv", "conv:2"):
        (rows,) = run_javascript(COUNT, [{"network": network, "changes": [[name, {"kernel_size": 5}]]}])
        assert [row["parameters"] for row in rows] == ["0", "(5·5·3 + 1)·3 = 228", "0"]
        assert [row["macs"] for row in rows[1:]] == ["5·5·3·12·12·3 = 32,400"] * 2


def test_what_can_be_changed_is_what_keras_calls_so_with_keras_own_values():
    text = """
    import { whatCanChange } from "./paper/changing.js";
    const result = Object.fromEntries(given.map((kind) => [kind, whatCanChange({ kind, settings: {} })]));
    """
    changeable = run_javascript(text, sorted(LAYERS))
    assert {"Conv2D", "Dense", "MaxPooling2D", "BatchNormalization"} <= {
        k for k, v in changeable.items() if v
    }
    for kind, found in changeable.items():
        arguments = {}
        for base in reversed(LAYERS[kind].__mro__[:-1]):
            arguments |= inspect.signature(base.__init__).parameters
        for form in found:
            usual = arguments[form["name"]].default
            if usual is not inspect.Parameter.empty and (usual is not None or form["value"] is None):
                assert form["value"] == (0 if kind == "Cropping2D" else usual), (kind, form)

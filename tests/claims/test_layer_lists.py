"""The short layer lists against published totals, and the networks that claims wait for."""

import json

import pytest
from conftest import ROOT

from app.claims import boards, lenet, networks, shipped
from app.claims.claim import NOT_YET, WRONG, NotYetError
from app.claims.ledger import find_claim
from app.claims.verdict import judge
from models import CATALOGUE, Network, records

PUBLISHED = {
    "alexnet": 60_965_224,  # BVLC bvlc_alexnet
    "alexnet_ungrouped": 62_378_344,  # imgclsmob
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_totals_are_the_published_ones(name):
    assert networks.sheet(name).parameters == PUBLISHED[name]


def test_alexnets_layers_are_the_published_ones():
    learned = [row.parameters for row in networks.sheet("alexnet").rows if row.parameters]
    assert learned == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]


def test_lenets_layers_are_the_papers():
    assert list(lenet.layer_parameters().values()) == [156, 12, 1_516, 32, 48_120, 10_164]
    assert lenet.parameters() == 60_000
    assert lenet.partial_parameters().sum_line() == "60·5·5 + 16 = 1,516"


@pytest.mark.parametrize("layers", range(1, 9))
def test_the_links_of_a_dense_block_are_counted(layers):
    pairs = [(source, reader) for reader in range(1, layers + 1) for source in range(reader)]
    assert boards.block_links(layers) == len(pairs)
    assert boards.block_channels(layers, growth=3, channels=5) == 5 + 3 * layers


def test_strides_are_read_off_the_builder(monkeypatch):
    assert [boards.convolutions_of_stride("alexnet", s) for s in (1, 2, 4)] == [4, 0, 1]
    assert boards.convolutions_of_stride("vgg19", 1) == 16

    def strided(nn):
        layers = [nn.Conv2D(1, 3, 2), nn.Conv2D(1, 3, strides=(2, 2)), nn.Conv2D(1, 3, (1, 2))]
        return nn.Sequential([nn.Input((32, 32, 1)), *layers])

    monkeypatch.setitem(CATALOGUE, "strided", Network(strided, "three spellings", (32, 32, 1)))
    assert [boards.convolutions_of_stride("strided", s) for s in (1, 2)] == [0, 2]


def test_the_smallest_input_is_the_smallest():
    assert boards.smallest_input(55, 11, 4) == 227
    assert (226 - 11) // 4 + 1 < 55 == (227 - 11) // 4 + 1


def test_points_are_exact_decimals():
    assert str(records.points_between(records.ALEXNET, records.SECOND_2012)) == "10.9"


# --- what the catalogue brings -------------------------------------------------------------------


def test_a_network_that_is_nowhere_is_waited_for():
    with pytest.raises(NotYetError, match="senet"):
        networks.sheet("senet")


def test_claims_about_googlenet_are_computed_from_the_catalogue(request):
    last_layer, smaller = (judge(find_claim(id)) for id in ("004-50", "004-51"))
    assert (last_layer.value, last_layer.verdict) == (1, WRONG)
    assert smaller.value == pytest.approx(60_965_224 / 6_998_552)
    assert smaller.verdict == WRONG
    assert last_layer.is_expected
    assert smaller.is_expected
    whole = dict(CATALOGUE)
    request.addfinalizer(lambda: (CATALOGUE.clear(), CATALOGUE.update(whole)))  # in its old order
    del CATALOGUE["googlenet"]
    assert [judge(find_claim(id)).verdict for id in ("004-50", "004-51")] == [NOT_YET, NOT_YET]


def test_the_catalogues_network_is_the_one_that_is_judged(monkeypatch):
    monkeypatch.setitem(CATALOGUE, "vgg16", CATALOGUE["vgg19"])
    assert boards.learned_layers("vgg16") == 19
    assert not judge(find_claim("004-43")).is_expected


# --- what comes with the project ----------------------------------------------------------------


@pytest.fixture
def write_card(monkeypatch, tmp_path):
    """Put another card in the place of the shipped one."""
    monkeypatch.setattr(shipped, "CARD", tmp_path / "mnist.json")
    shipped_card = json.loads((ROOT / "saved_models" / "shipped" / "mnist.json").read_text("utf-8"))

    def write(recipe="article", passes=5, data="mnist", epochs=5):
        history = [{"val_accuracy": 0.97 + 0.004 * epoch} for epoch in range(epochs)]
        card = shipped_card | {
            "recipe": {"name": recipe, "passes": passes},
            "test_accuracy": 0.9912,
            "history": history,
            "data": shipped_card["data"] | {"name": data},
        }
        (tmp_path / "mnist.json").write_text(json.dumps(card), "utf-8")

    return write


def test_the_articles_run_is_read_from_its_card(write_card):
    write_card()
    assert shipped.accuracy_after(1) == pytest.approx(97)
    assert shipped.accuracy_after(5) == pytest.approx(98.6)
    finding = judge(find_claim("003-23"))
    assert (finding.value, finding.verdict) == (pytest.approx(99.12), "rounded")
    assert judge(find_claim("001-33")).verdict == "ambiguous"


@pytest.mark.parametrize("change", [{"recipe": "fast"}, {"passes": 1}, {"data": "kmnist"}, {"epochs": 4}])
def test_another_run_makes_the_claims_wait(change, write_card):
    write_card(**change)
    for id in ("001-33", "003-23"):
        finding = judge(find_claim(id))
        assert (finding.verdict, finding.is_expected) == (NOT_YET, True)


def test_a_missing_card_makes_them_wait_and_a_damaged_one_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "CARD", tmp_path / "mnist.json")
    assert judge(find_claim("003-23")).verdict == NOT_YET
    (tmp_path / "mnist.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"claim 003-23: .*not a model card"):
        judge(find_claim("003-23"))
    card = json.loads((ROOT / "saved_models" / "shipped" / "mnist.json").read_text("utf-8"))
    for change in (
        {"recipe": []},
        {"history": [{}] * 5},
        {"history": 5},
        {"test_accuracy": "good"},
        {"test_accuracy": None},
        {"recipe": None},
    ):
        (tmp_path / "mnist.json").write_text(json.dumps(card | change), "utf-8")
        with pytest.raises(ValueError, match=r"claim 003-23: .*holds no accuracies"):
            judge(find_claim("003-23"))


def test_mnist_is_measured(mnist):
    assert shipped.accepted_depths() == [1, 3]
    assert shipped.scaled_range() == [0, 1]
    assert shipped.byte_range() == [mnist.test_images.min(), mnist.test_images.max()]
    assert shipped.steps_of_a_pass(64) == 938

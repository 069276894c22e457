"""Dense blocks: every layer reads all maps made before it, or it is none."""

import pytest

from app.counting.chalkboard import nn
from app.counting.dense_blocks import MOST_MAPS, find_dense_blocks
from models import CATALOGUE
from models.densenet import dense_block


def sheet_of(name):
    return CATALOGUE[name].builder(nn).sheet()


@pytest.mark.parametrize("layers", range(2, 9))
@pytest.mark.parametrize("growth_rate", [1, 4])
def test_a_block_of_l_layers_has_as_many_links_as_pairs(layers, growth_rate):
    sheet = dense_block(nn, layers, growth_rate, (8, 8, 6)).sheet()
    (block,) = find_dense_blocks(sheet)
    names = ["image", *(f"layer{i}_conv" for i in range(1, layers + 1))]
    pairs = {(a, b) for i, b in enumerate(names) for a in names[:i]}
    assert set(block.links) == pairs
    assert len(block.links) == block.connections == layers * (layers + 1) // 2


def test_the_connections_say_how_they_are_counted():
    (block,) = find_dense_blocks(sheet_of("dense_block"))
    assert block.connections.sum_line() == "5·(5 + 1)/2 = 15"


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("densenet40_12", [12, 12, 12]),
        ("densenet121", [6, 12, 24, 16]),
        ("densenet201", [6, 12, 48, 32]),
        ("googlenet", []),
        ("resnet18_option_a", []),
        ("vgg16", []),
    ],
)
def test_the_blocks_of_the_catalogue_are_found_bottlenecks_and_all(name, sizes):
    assert [len(block.layers) for block in find_dense_blocks(sheet_of(name))] == sizes


def block_without(missing_layer, missing_source):
    """Four layers of which one does not read one of the maps before it."""
    maps = [nn.Input((8, 8, 3), name="image")]
    for i in range(1, 5):
        read = [m for j, m in enumerate(maps) if (i, j) != (missing_layer, missing_source)]
        joined = nn.Concatenate(name=f"read{i}")(read) if len(read) > 1 else read[0]
        maps.append(nn.Conv2D(2, 3, padding="same", name=f"conv{i}")(joined))
    return nn.Model(maps[0], nn.Concatenate(name="out")(maps), name="holes").sheet()


@pytest.mark.parametrize(
    ("layer", "source", "found"),
    [(0, 0, [4]), (4, 0, [2]), (4, 2, [2]), (4, 3, [2]), (3, 1, []), (2, 0, []), (2, 1, [])],
)
def test_one_missing_link_ends_the_block(layer, source, found):
    """Without a link into layer 4 only what layer 3 reads, two layers and the image, is a block."""
    sheet = block_without(layer, source)
    assert [len(block.layers) for block in find_dense_blocks(sheet)] == found


def test_a_sum_instead_of_a_join_is_no_block():
    x = image = nn.Input((8, 8, 4), name="image")
    for i in range(3):
        x = nn.Add(name=f"add{i}")([x, nn.Conv2D(4, 3, padding="same", name=f"conv{i}")(x)])
    assert find_dense_blocks(nn.Model(image, x, name="sums").sheet()) == []


def test_a_join_of_very_many_maps_ends_the_search():
    x = image = nn.Input((4, 4, 1), name="image")
    for i in range(MOST_MAPS + 20):
        y = nn.Conv2D(1, 1, name=f"conv{i}")(x)
        x = nn.Concatenate(name=f"join{i}")([x, y])
    blocks = find_dense_blocks(nn.Model(image, x, name="long").sheet())
    assert [len(block.layers) for block in blocks] == [MOST_MAPS - 1, 20]

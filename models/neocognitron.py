"""Fukushima's neocognitron of 1980, the ancestor: its layers and cells, in a form that can be run."""

from typing import Any

Shape = tuple[int, int, int]


def neocognitron(nn: Any, input_shape: Shape = (16, 16, 1)) -> Any:
    """Three pairs of S- and C-cells with 24 planes each, 16×16 to 1×1; 29,472 modifiable weights.

    A stand-in for the paper's network, and not the network itself. The cells compute what the paper's
    do. Its layer sizes (16, 10, 8, 6, 2, 1) follow from 5×5 areas and a thinning-out that it only
    draws; here a border of zeros, or one taken away, leads to them. The paper learns without labels, the
    winners of each column reinforced; here the weights are there for the gradient. It has no output
    layer: the 24 cells of the last one are its answer.

    Source: Fukushima, Neocognitron: a self-organizing neural network model for a mechanism of pattern
    recognition unaffected by shift in position, 1980; sizes from table 1.
    """
    return nn.Sequential(
        [
            nn.Input(input_shape, name="u0"),
            nn.ZeroPadding2D(2, name="border1"),
            nn.SCells(24, 5, selectivity=4.0, name="us1"),
            nn.Cropping2D(1, name="cut1"),
            nn.CCells(5, name="uc1"),
            nn.ZeroPadding2D(1, name="border2"),
            nn.SCells(24, 5, name="us2"),
            nn.ZeroPadding2D(1, name="border3"),
            nn.CCells(5, name="uc2"),
            nn.SCells(24, 5, name="us3"),
            nn.CCells(2, name="uc3"),
            nn.Flatten(name="flatten"),
        ],
        name="neocognitron",
    )

"""Article 004, third part: ResNet, DenseNet, and the errors from 2012 on."""

from app.claims import boards, maps
from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, WRONG, Claim
from app.counting import formulas
from app.datasets import little_arrays as examples
from models import records, sources

CLAIMS = (
    Claim(
        "004-52",
        "Classic networks: ResNet",
        "ResNet (2015, Microsoft) won ILSVRC 2015; it can have 100 layers and more.",
        "2015; 100+",
        NOT_COMPUTABLE,
        "The winner was built of networks with up to 152 layers.",
        holds=lambda year, layers: year == "2015" and layers >= 100,
        published=["2015", 152],
        source=sources.RESNET,
    ),
    Claim(
        "004-53",
        "Classic networks: ResNet",
        "A residual block adds its input x to what its layers make of it, F(x), and can so hand x on unchanged.",
        "(formula lost)",
        EXACT,
        "The paper's y = F(x) + x, worked out on x = 1, 5 / 2, 3: F is a 3×3 layer, ReLU, the same layer again. "
        "Where F is 0, y is x. (In the paper ReLU follows the sum; here nothing is negative.)",
        value=lambda: {
            "F(x)": maps.two_layers(examples.PATCH, examples.X_FILTER),
            "y": maps.residual_block(examples.PATCH, examples.X_FILTER),
            "y where F is 0": maps.residual_block(examples.PATCH, [[0]]),
        },
        holds=lambda change, y, unchanged: (
            [[b - a for a, b in zip(*rows, strict=True)] for rows in zip(change, y, strict=True)]
            == unchanged
            == examples.PATCH
        ),
        source=sources.RESNET,
    ),
    Claim(
        "004-54",
        "Classic networks: ResNet",
        "Training curves of ResNets of 18 and 34 layers are shown.",
        "18, 34",
        NOT_COMPUTABLE,
        "The paper's figure 4; the picture itself is lost.",
        figure=[18, 34],
        published=[18, 34],
        source=sources.RESNET,
    ),
    Claim(
        "004-55",
        "Classic networks: ResNet",
        "ResNet uses 'same' padding, even for max-pooling.",
        "same",
        AMBIGUOUS,
        "The paper prints sizes alone: its 3×3 pooling with stride 2 makes 56 of 112 cells, as 'same' does. The "
        "authors' own files make 56 too, but without padding: they round up.",
        value=lambda: {
            "same": formulas.output_size(112, 3, 2, padding="same"),
            "no padding, rounded up": formulas.output_size(112 + 1, 3, 2),
            "no padding, rounded down": formulas.output_size(112, 3, 2),
        },
        figure=56,
        source=sources.RESNET,
    ),
    Claim(
        "004-56",
        "Classic networks: ResNet",
        "AlexNet's top-5 error is 15.3 %, the second's 26.2 %.",
        "15.3, 26.2",
        NOT_COMPUTABLE,
        "Both as printed in the paper.",
        figure=[15.3, 26.2],
        published=[float(records.ALEXNET.percent), float(records.SECOND_2012.percent)],
        source=records.ALEXNET.source,
    ),
    Claim(
        "004-57",
        "Classic networks: ResNet",
        'ZFNet\'s "top-8" error is 14.8 %.',
        "top-8; 14.8",
        NOT_COMPUTABLE,
        "14.8 % is right, the best in the paper; it is a top-5 error, as all of these.",
        figure=["top-8", 14.8],
        published=["top-5", float(records.ZFNET_PAPER.percent)],
        source=records.ZFNET_PAPER.source,
    ),
    Claim(
        "004-58",
        "Classic networks: ResNet",
        "GoogLeNet's error is 7.8 %.",
        "7.8",
        NOT_COMPUTABLE,
        "6.67 % in the competition.",
        figure=7.8,
        published=float(records.GOOGLENET.percent),
        source=records.GOOGLENET.source,
    ),
    Claim(
        "004-59",
        "Classic networks: ResNet",
        "ResNet is the first below 5 %.",
        "< 5 %",
        NOT_COMPUTABLE,
        "The first winner of the competition below it, with 3.57 %. But earlier in 2015 two papers had "
        "reported less than 5 % already: 4.94 % and 4.8 %.",
        holds=lambda resnet, *earlier: resnet < 5 <= min(earlier),
        published=[float(r.percent) for r in (records.RESNET, records.RECTIFIERS, records.BATCH_NORM)],
        source="; ".join(r.source for r in (records.RESNET, records.RECTIFIERS, records.BATCH_NORM)),
    ),
    Claim(
        "004-60",
        "Classic networks: DenseNet",
        "L layers, each of which reads all those before, have L(L + 1)/2 direct connections.",
        "L(L + 1)/2",
        EXACT,
        "Counted in dense blocks of 2, 5 and 12 layers, the input included. Layers of different blocks are not "
        "connected, so a network of several blocks has fewer.",
        value=lambda: {f"L = {layers}": boards.block_links(layers) for layers in (2, 5, 12)},
        holds=lambda two, five, twelve: (two, five, twelve) == (3, 15, 78),
        source=sources.DENSENET,
    ),
    Claim(
        "004-61",
        "Classic networks: DenseNet",
        "A block of five layers has growth rate 4; each layer reads all maps before.",
        "5, 4",
        EXACT,
        "On six channels: 6 + 5·4 leave the block.",
        value=lambda: {"channels that leave": boards.block_channels(layers=5, growth=4, channels=6)},
        holds=lambda leaving: leaving == 6 + 5 * 4,
        source=sources.DENSENET,
    ),
    Claim(
        "004-62",
        "Classic networks: DenseNet",
        "DenseNet's layers are narrow, for example 12 filters.",
        "12",
        NOT_COMPUTABLE,
        "Growth rate 12 is the paper's smallest; its ImageNet networks have 32.",
        figure=12,
        published=12,
        source=sources.DENSENET,
    ),
    Claim(
        "004-63",
        "Classic networks: DenseNet",
        "DenseNet needs fewer parameters than ResNet for the same accuracy.",
        "fewer",
        NOT_COMPUTABLE,
        "Accuracy is measured, not worked out: the paper finds DenseNet-201 with 20 million on a "
        "level with ResNet-101 and its more than 40 million.",
        holds=lambda densenet, resnet: densenet < resnet,
        published=[20_000_000, 40_000_000],
        source=sources.DENSENET,
    ),
    Claim(
        "004-64",
        "Classic networks: DenseNet",
        "DenseNet concatenates maps and does not add them.",
        "",
        EXACT,
        "Joined, 16 and 12 channels make 28; added, equal channels stay as they are.",
        value=lambda: {
            "concatenated": boards.merged_channels("Concatenate", 16, 12),
            "added": boards.merged_channels("Add", 16, 16),
        },
        holds=lambda joined, added: joined == 16 + 12 and added == 16,
        source=sources.DENSENET,
    ),
    Claim(
        "004-65",
        "Classic networks: DenseNet",
        "Inside a block the size is constant; the number of filters changes between blocks, by k.",
        "between blocks",
        WRONG,
        "The size is. But the channels grow by k with every layer inside a block; between blocks a "
        "transition halves the size, and in DenseNet-BC the channels.",
        value=lambda: {
            f"channels after layer {layers}": boards.block_channels(layers, 12, channels=16)
            for layers in (1, 2, 3)
        },
        holds=lambda one, two, three: one == two == three,
        source=sources.DENSENET,
    ),
    Claim(
        "004-66",
        "Summary",
        "The error fell from about 15 % to 3–4 %, and is now below 3 %.",
        "15, 3–4, < 3",
        NOT_COMPUTABLE,
        "Winners of 2012, 2015 and 2017.",
        holds=lambda first, residual, last: round(first) == 15 and 3 <= residual <= 4 and last < 3,
        published=[float(record.percent) for record in (records.ALEXNET, records.RESNET, records.SENET_2017)],
        source=f"{sources.ALEXNET}; {sources.RESNET}; {sources.SENET}",
    ),
)

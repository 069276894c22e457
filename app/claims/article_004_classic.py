"""Article 004, second part: the classic networks from the Neocognitron to GoogLeNet."""

from app.claims import boards, lenet, networks, scores
from app.claims.claim import EXACT, NOT_COMPUTABLE, ROUNDED, WRONG, About, Claim
from app.counting.chalkboard import nn
from models import records, sources

CLAIMS = (
    Claim(
        "004-27",
        "Classic networks",
        "Fukushima's Neocognitron for handwriting is of 1980.",
        "1980",
        NOT_COMPUTABLE,
        "It has the layers of a CNN; it learnt without backpropagation.",
        figure="1980",
        published="1980",
        source=sources.NEOCOGNITRON,
    ),
    Claim(
        "004-28",
        "Classic networks",
        'Backpropagation is LeCun\'s, 1985, in French; the TDNN is by "Waiber" and others.',
        "1985",
        NOT_COMPUTABLE,
        "LeCun's French paper (Cognitiva 85) exists, but Werbos had the idea in 1974 and Linnainmaa its "
        "arithmetic in 1970. The TDNN's author is Waibel.",
        figure=["1985", "Waiber"],
        published=["1974", "Waibel"],
        source=sources.BACKPROP,
    ),
    Claim(
        "004-29",
        "Classic networks",
        "In 1989 LeCun read handwritten zip codes with backpropagation.",
        "1989",
        NOT_COMPUTABLE,
        "Neural Computation, December 1989.",
        figure="1989",
        published="1989",
        source=sources.ZIP_CODES,
    ),
    Claim(
        "004-30",
        "Classic networks: LeNet-5",
        "LeNet-5 was published in November 1998, IEEE 86(11).",
        "November 1998, 86(11)",
        NOT_COMPUTABLE,
        "Proceedings of the IEEE, volume 86, number 11.",
        figure=["November 1998", "86(11)"],
        published=["November 1998", "86(11)"],
        source=sources.LENET,
    ),
    Claim(
        "004-31",
        "Classic networks: LeNet-5",
        "LeNet-5's maps get smaller while their channels grow.",
        "",
        EXACT,
        "Convolutions and sub-sampling in turn; the sub-sampling keeps the channels.",
        value=lambda: {
            "heights": boards.heights("lenet_maps", ("Conv2D", "AveragePooling2D")),
            "channels": boards.channels("lenet_maps", ("Conv2D", "AveragePooling2D")),
        },
        holds=lambda heights, channels: (
            heights == sorted(heights, reverse=True)
            and channels == sorted(channels)
            and heights[0] > heights[-1]
            and channels[0] < channels[-1]
        ),
    ),
    Claim(
        "004-32",
        "Classic networks: LeNet-5",
        "LeNet-5 has about 60,000 parameters.",
        "~60,000",
        EXACT,
        "Exactly so in the paper's form: trained sub-sampling, partial C3, fixed output codes.",
        value=lenet.parameters,
        figure=About(60_000, to=1_000),
        source=sources.LENET,
    ),
    Claim(
        "004-33",
        "Classic networks: AlexNet",
        "AlexNet has been cited more than 25,000 times.",
        "25,000",
        NOT_COMPUTABLE,
        "A count of its day, from a search engine; it only grows, and no paper prints it.",
    ),
    Claim(
        "004-34",
        "Classic networks: AlexNet",
        "AlexNet reads images of 227×227×3 and puts them into 1,000 classes; it was trained on 1.2 million.",
        "1.2 million; 227; 1,000",
        EXACT,
        "An 11×11 kernel with stride 4 makes the paper's 55 cells of 227 (the 224 in the paper does not fit), and "
        "the last layer has 1,000 units. The 1.2 million are the paper's word and not computed. The data "
        "set's images have many sizes; what the network reads are crops.",
        value=lambda: [
            boards.smallest_input(outputs=55, kernel=11, stride=4),
            boards.network_outputs("alexnet"),
        ],
        figure=[227, 1000],
        source=sources.ALEXNET,
    ),
    Claim(
        "004-35",
        "Classic networks: AlexNet",
        "Training AlexNet took five to six days.",
        "5–6",
        NOT_COMPUTABLE,
        "On two GTX 580 cards.",
        figure=[5, 6],
        published=[5, 6],
        source=sources.ALEXNET,
    ),
    Claim(
        "004-36",
        "Classic networks: AlexNet",
        "AlexNet has 12 layers.",
        "12",
        WRONG,
        "The paper says eight: five convolutions and three dense layers. The article counts VGG's 16 in the same "
        "way. It takes the three poolings and the input to make 12.",
        value=lambda: {
            "layers that learn in AlexNet": boards.learned_layers("alexnet"),
            "in VGG16": boards.learned_layers("vgg16"),
            "AlexNet with poolings and input": boards.learned_layers("alexnet")
            + boards.layers_of_kind("alexnet", "MaxPooling2D")
            + boards.layers_of_kind("alexnet", "InputLayer"),
        },
        holds=lambda alexnet, vgg, _: alexnet == 12 and vgg == 16,
        source=sources.ALEXNET,
    ),
    Claim(
        "004-37",
        "Classic networks: AlexNet",
        "AlexNet has more than 60 million parameters.",
        "> 60 million",
        EXACT,
        "In two groups, as published; on one GPU it would have about 62.4 million.",
        value=lambda: {"parameters": boards.network_parameters("alexnet")},
        holds=lambda parameters: parameters > 60_000_000,
        source=sources.ALEXNET,
    ),
    Claim(
        "004-38",
        "Classic networks: AlexNet",
        "AlexNet's parameters take about 255 MB.",
        "~255 MB",
        WRONG,
        "Four bytes each, in either unit and in one group or two: always less.",
        value=lambda: {
            "MB": scores.size_bytes(boards.network_parameters("alexnet")) / 10**6,
            "MiB": scores.size_bytes(boards.network_parameters("alexnet")) / 2**20,
            "MB, one group": scores.size_bytes(boards.network_parameters("alexnet_ungrouped")) / 10**6,
        },
        figure=About(255, to=1),
    ),
    Claim(
        "004-39",
        "Classic networks: AlexNet",
        "AlexNet's top-5 error was 15.3 %.",
        "15.3",
        NOT_COMPUTABLE,
        "The entry that won ILSVRC 2012: seven networks, two of them pre-trained on further images; "
        "the other five alone had 16.4 %.",
        figure=15.3,
        published=float(records.ALEXNET.percent),
        source=records.ALEXNET.source,
    ),
    Claim(
        "004-40",
        "Classic networks: AlexNet",
        "AlexNet was 10.8 points better than the second.",
        "10.8",
        WRONG,
        "It is 10.9: 26.2 − 15.3, which the article prints too, and the official 26.172 − 15.315, rounded. Only "
        "cut off after one digit this is 10.8.",
        value=lambda: {
            "as the paper prints them": float(records.points_between(records.ALEXNET, records.SECOND_2012)),
            "the official results": float(
                records.points_between(records.ALEXNET_OFFICIAL, records.SECOND_2012_OFFICIAL)
            ),
        },
        figure=About(10.8, to=0.1),
        source=f"{sources.ALEXNET}; {sources.ILSVRC_2012}",
    ),
    Claim(
        "004-41",
        "Classic networks: ZFNet",
        "ZFNet won ILSVRC 2013 with 11.2 %.",
        "11.2",
        NOT_COMPUTABLE,
        "The winner was Clarifai, Zeiler's company, with 11.7 % (11.2 % was its entry with additional "
        "training data); the best in the ZFNet paper is 14.8 %.",
        figure=11.2,
        published=float(records.CLARIFAI_2013.percent),
        source=f"{records.CLARIFAI_2013.source}; {sources.ZFNET}",
    ),
    Claim(
        "004-42",
        "Classic networks: ZFNet",
        "ZFNet's filters are smaller, and it was trained for 12 days.",
        "12",
        NOT_COMPUTABLE,
        "7×7 in place of 11×11, stride 2; around 12 days on one GTX 580.",
        figure=12,
        published=12,
        source=sources.ZFNET,
    ),
    Claim(
        "004-43",
        "Classic networks: VGG",
        "VGG has 16 or 19 layers and 138 million parameters.",
        "16, 19; 138 million",
        ROUNDED,
        "138 million are VGG16's; VGG19 has about 144 million.",
        value=lambda: [
            boards.learned_layers("vgg16"),
            boards.learned_layers("vgg19"),
            boards.network_parameters("vgg16"),
        ],
        figure=[16, 19, About(138_000_000, to=1_000_000)],
        source=sources.VGG,
    ),
    Claim(
        "004-44",
        "Classic networks: VGG",
        "VGG's parameters take 522 MB.",
        "522 MB",
        WRONG,
        "Four bytes each, in either unit: more than that.",
        value=lambda: {
            "MB": scores.size_bytes(boards.network_parameters("vgg16")) / 10**6,
            "MiB": scores.size_bytes(boards.network_parameters("vgg16")) / 2**20,
        },
        figure=About(522, to=1),
    ),
    Claim(
        "004-45",
        "Classic networks: VGG",
        "VGG's 3×3 convolutions keep the size; its 2×2 pooling with stride 2 halves it.",
        "",
        EXACT,
        "Heights behind the convolutions and poolings of VGG16.",
        value=lambda: {
            "convolutions": sorted(set(boards.heights("vgg16", ("Conv2D",))), reverse=True),
            "poolings": boards.heights("vgg16", ("MaxPooling2D",)),
        },
        holds=lambda kept, pooled: kept[0] == 224 and [2 * n for n in pooled] == kept,
        source=sources.VGG,
    ),
    Claim(
        "004-46",
        "Classic networks: VGG",
        "Two 3×3 filters see 5×5; the depth grows as the size falls.",
        "5×5",
        EXACT,
        "Each 3×3 filter adds two cells each way. In VGG16 every pooling halves the size, and the depth grows "
        "up to 512, where it stays.",
        value=lambda: {
            "two 3×3 filters see": boards.pixels_seen((9, 9, 1), nn.Conv2D(1, 3), nn.Conv2D(1, 3)),
            "heights behind VGG16's poolings": boards.heights("vgg16", ("MaxPooling2D",)),
            "depths there": boards.channels("vgg16", ("MaxPooling2D",)),
        },
        holds=lambda seen, heights, depths: (
            seen == (5, 5)
            and heights == sorted(heights, reverse=True)
            and depths == sorted(depths)
            and depths[0] < depths[-1]
        ),
        source=sources.VGG,
    ),
    Claim(
        "004-47",
        "Classic networks: VGG",
        "Training VGG took two to three weeks.",
        "2–3",
        NOT_COMPUTABLE,
        "On four Titan Black cards, depending on the network.",
        figure=[2, 3],
        published=[2, 3],
        source=sources.VGG,
    ),
    Claim(
        "004-48",
        "Classic networks: GoogLeNet",
        "GoogLeNet won ILSVRC 2014, ahead of VGG.",
        "first",
        NOT_COMPUTABLE,
        "First and second in classification: 6.67 % and 7.3 %. VGG won localisation.",
        holds=lambda googlenet, vgg: googlenet < vgg,
        published=[float(records.GOOGLENET.percent), float(records.VGG_2014.percent)],
        source=f"{records.GOOGLENET.source}; {records.VGG_2014.source}",
    ),
    Claim(
        "004-49",
        "Classic networks: GoogLeNet",
        "GoogLeNet has several softmax outputs.",
        "several",
        NOT_COMPUTABLE,
        "Three while it is trained; the two on the way are dropped afterwards.",
        holds=lambda outputs: outputs > 1,
        published=3,
        source=sources.GOOGLENET,
    ),
    Claim(
        "004-50",
        "Classic networks: GoogLeNet",
        "GoogLeNet ends without a fully connected layer.",
        "none",
        WRONG,
        "Average pooling takes the place of the wide layers, but one dense layer of 1,000 is left.",
        value=lambda: boards.layers_of_kind("googlenet", "Dense"),
        figure=0,
        source=sources.GOOGLENET,
    ),
    Claim(
        "004-51",
        "Classic networks: GoogLeNet",
        "GoogLeNet has 12 times fewer parameters than AlexNet.",
        "12×",
        WRONG,
        "About 8.7 times fewer, 61 million to 7 million. The paper says 12 itself, but its own table "
        "adds up to 6.8 million.",
        value=lambda: networks.sheet("alexnet").trainable / networks.sheet("googlenet").trainable,
        figure=About(12, to=1),
        source=sources.GOOGLENET,
    ),
)

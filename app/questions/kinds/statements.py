"""Multiple choice in words: label, question, answer, three other options, working, hint.

The first two ask what exercises 4 and 5 of article 001 ask, in words of our own.
"""

from app.questions.kinds.wrong import Wrong

Statement = tuple[str, str, str, tuple[Wrong, Wrong, Wrong], tuple[str, ...], str]

STATEMENTS: tuple[Statement, ...] = (
    (
        "which statement about convolutions is wrong",
        "Three of these statements about convolutional layers are true. Which one is wrong?",
        "A layer that was built for inputs of 100×100×3 cannot take inputs of 256×256×3.",
        (
            Wrong(
                "1×1 kernel misjudged",
                "this is true: a 1×1 kernel mixes the channels of one place, as a fully connected layer would",
                "A 1×1 convolution works on the channels of each place like a fully connected layer.",
            ),
            Wrong(
                "shape of the output misjudged",
                "this is true: padding and stride decide height and width, the filters decide the channels",
                "Padding, stride and the number of filters decide the shape of the output.",
            ),
            Wrong(
                "stacked kernels misjudged",
                "this is true: with stride 1 each 3×3 layer adds 2, and 1 + 2 + 2 = 5",
                "One cell after two 3×3 convolutions sees as much as one after a single 5×5 convolution.",
            ),
        ),
        (
            "the weights depend on kernel, channels and filters, not on height and width",
            "so a layer with 3 input channels takes any map of 3 channels into which its kernel fits",
        ),
        "What do the shapes of the weights depend on?",
    ),
    (
        "which statement about pooling is wrong",
        "Three of these statements about pooling layers are true. Which one is wrong?",
        "Backpropagation skips pooling layers.",
        (
            Wrong(
                "parameters of pooling misjudged",
                "this is true: a maximum or a mean has nothing to learn",
                "A pooling layer has no parameters.",
            ),
            Wrong(
                "size after pooling misjudged",
                "this is true: with the usual stride of 2, height and width are halved",
                "A pooling layer usually makes height and width smaller.",
            ),
            Wrong(
                "channels of pooling misjudged",
                "this is true: each channel is pooled by itself",
                "A pooling layer gives out as many channels as it takes in.",
            ),
        ),
        (
            "a pooling layer has no parameters to change, but the layers before it need its gradient",
            "a maximum passes the gradient to its largest cell, a mean shares it among all cells",
        ),
        "A layer without parameters can still stand between the loss and other layers.",
    ),
    (
        "what a convolutional layer computes",
        "What does a convolutional layer do with its kernel?",
        "It lays the kernel on the input as it is, multiplies cell by cell and adds up.",
        (
            Wrong(
                "kernel flipped",
                "that is the convolution of mathematics; layers leave the kernel as it is",
                "It turns the kernel by 180°, multiplies cell by cell and adds up.",
            ),
            Wrong(
                "matrix product",
                "rows and columns are not combined; cells that lie on each other are multiplied",
                "It multiplies the part of the input and the kernel as matrices.",
            ),
            Wrong(
                "largest product taken",
                "the products are added; taking the largest value is pooling",
                "It multiplies cell by cell and keeps the largest product.",
            ),
        ),
        ("y[r, c] = Σ x[r + i, c + j]·k[i, j]: a cross-correlation, which is called convolution here",),
        "Think of a window that slides over the picture.",
    ),
    (
        "where the gradient goes behind max-pooling",
        "Where does the gradient go that comes back to a window of max-pooling?",
        "All of it to the cell that had the largest value.",
        (
            Wrong(
                "max and mean mixed up", "that is mean-pooling", "In equal parts to all cells of the window."
            ),
            Wrong(
                "gradient by value",
                "only the largest cell has moved the output; the others get 0",
                "To all cells, in proportion to their values.",
            ),
            Wrong(
                "gradient stopped",
                "a maximum has a gradient: 1 for the largest cell, 0 for the others",
                "Nowhere: a maximum has no gradient.",
            ),
        ),
        (
            "the output changes with the largest cell only, and by as much: its derivative is 1, all others are 0",
        ),
        "Which cells change the output if they change a little?",
    ),
    (
        "what decides the channels of the output",
        "What decides how many channels come out of a convolutional layer?",
        "The number of its filters.",
        (
            Wrong(
                "channels kept",
                "every filter reads all channels and makes one; the input's number does not matter",
                "The number of channels that it reads.",
            ),
            Wrong(
                "kernel for channels", "the kernel's size decides height and width", "The size of its kernel."
            ),
            Wrong(
                "channels multiplied",
                "a filter adds up over the channels and makes one map",
                "The number of channels that it reads times the number of its filters.",
            ),
        ),
        ("each filter reads all channels and makes one map",),
        "What does one filter make?",
    ),
    (
        "why gradients vanish",
        "Why do gradients vanish in a deep network of sigmoid units?",
        "On the way back they are multiplied by the sigmoid's slope in each layer, which is 1/4 at most.",
        (
            Wrong(
                "slope taken for the value",
                "the value may come near 1; its slope is what is multiplied, 1/4 at most",
                "The sigmoid's value is near 1 in each layer.",
            ),
            Wrong(
                "learning rate blamed",
                "the learning rate scales the step; the gradients are small before that",
                "The learning rate is multiplied into the gradient once for each layer.",
            ),
            Wrong(
                "too many parameters",
                "the number of parameters does not make a gradient small",
                "The gradient is shared among more and more parameters.",
            ),
        ),
        (
            "σ′ = σ·(1 − σ) is largest where σ = 1/2, and then 1/4",
            "after 10 layers (1/4)^10 is below a millionth",
        ),
        "What is the derivative of the sigmoid, and how large can it be?",
    ),
    (
        "what shared weights save",
        "Why has a convolutional layer fewer parameters than a fully connected one between the same maps?",
        "The same small kernel is used at every place.",
        (
            Wrong(
                "pooling for sharing",
                "pooling makes maps smaller; it is a layer of its own",
                "It leaves out every second pixel.",
            ),
            Wrong("bias blamed", "a bias for each filter is there", "It has no biases."),
            Wrong(
                "one channel only",
                "every filter reads all channels",
                "It reads only one channel of its input.",
            ),
        ),
        ("a kernel sees few cells, and its weights are stored once for all places",),
        "Think of what is stored, and how often it is used.",
    ),
)

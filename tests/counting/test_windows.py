import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.axes import Axis
from app.counting.chalkboard import nn
from app.counting.formulas import padding_amounts
from app.counting.windows import Window, find_windows, span


@settings(deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["valid", "same"]),
    st.integers(1, 3),
)
def test_the_window_is_recovered_from_what_cells_see(kernel, stride, dilation, padding, earlier):
    """A pooling goes before, so that the jump is not always 1."""
    if stride > 1:
        dilation = 1  # Keras takes only one of the two
    image = nn.Input((40, 37, 1), name="image")
    pooled = nn.MaxPooling2D(earlier, name="pool")(image)
    layer = nn.Conv2D(2, kernel, strides=stride, dilation_rate=dilation, padding=padding, name="conv")
    sheet = nn.Model(image, layer(pooled)).sheet()
    named = {row.name: row for row in sheet.rows}
    for i, window in enumerate(find_windows(named["conv"], named)):
        cells = named["pool"].output_shape[i]
        assert window.span == span(kernel, dilation)
        assert window.stride == stride
        assert window.before == padding_amounts(cells, kernel, stride, padding, dilation)[0]
        assert (window.inputs, window.outputs) == (cells, named["conv"].output_shape[i])


def test_layers_that_read_everything_or_several_maps_have_no_window():
    image = nn.Input((8, 8, 1), name="image")
    both = nn.Add(name="both")([image, nn.ReLU(name="relu")(image)])
    sheet = nn.Model(image, nn.GlobalMaxPooling2D(name="global")(both)).sheet()
    named = {row.name: row for row in sheet.rows}
    for name in ("image", "both", "global"):
        assert find_windows(named[name], named) == ()


windows = st.builds(
    Window,
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["valid", "same", "causal", "full", (1, 0)]),
    st.integers(1, 3),
)


@settings(deadline=None)
@given(st.lists(windows, max_size=3))
def test_field_and_jump_grow_as_the_cells_see(chain):
    """The axis follows single cells, and knows nothing of r' = r + (w − 1)·j."""
    axis, field, jump = Axis.of_image(60), 1, 1
    for window in chain:
        cells = len(axis.cells)
        if cells < window.span:
            return
        axis, (field, jump) = axis.read(window.taps(cells)), window.widen(field, jump)
        assert (axis.size, axis.jump) == (field, jump)
        assert len(axis.cells) == window.output_size(cells)


@settings(deadline=None)
@given(st.integers(1, 30), windows)
def test_padding_on_both_sides_is_as_good_as_a_larger_map(size, window):
    before, after = window.sides(size)
    padded = size + before + after
    if padded < window.span:
        with pytest.raises(ValueError, match="does not fit"):
            window.output_size(size)
    else:
        bare = Window(window.kernel, window.stride, "valid", window.dilation)
        assert window.output_size(size) == bare.output_size(padded)
    if window.padding in ("same", "causal"):
        assert window.output_size(size) == len(range(0, size, window.stride))

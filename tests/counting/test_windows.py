from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn
from app.counting.formulas import padding_amounts, span
from app.counting.windows import find_windows


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

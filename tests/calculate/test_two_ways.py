"""The calculator traces pixels backwards, the chalkboard carries them forwards: they must agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculate.chains import follow, read_pixels
from app.calculate.geometry import ReversibleWindow
from app.counting.chalkboard import nn

windows = st.builds(
    ReversibleWindow,
    st.one_of(st.integers(1, 4), st.integers(1, 4), st.integers(17, 40)),
    st.integers(1, 3),
    st.sampled_from(["valid", "same"]),
    st.integers(1, 2),
)


def fits(chain, pixels):
    try:
        return follow(chain, pixels)
    except ValueError:
        return None


@settings(deadline=None, max_examples=200)
@given(st.lists(windows, min_size=1, max_size=4), st.integers(1, 60), st.data())
def test_a_chain_reads_the_same_pixels_either_way(chain, pixels, data):
    reaches = fits(chain, pixels)
    mark = nn.Input((pixels, 1))
    for window in chain:
        layer = nn.Conv1D(1, window.kernel, window.stride, window.padding, dilation_rate=window.dilation)
        try:
            mark = layer(mark)
        except ValueError:
            assert reaches is None
            return
    (axis,) = mark.row.field.axes
    assert reaches is not None
    assert (axis.size, axis.jump, axis.start) == (reaches[-1].field, reaches[-1].jump, reaches[-1].start)
    cell = data.draw(st.integers(0, len(axis.cells) - 1))
    first, bits = axis.cells[cell]
    seen = {first + i for i in range(bits.bit_length()) if bits >> i & 1}
    assert seen == read_pixels(chain, pixels, [cell])

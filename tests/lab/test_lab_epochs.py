"""The tab of a training run: with each epoch's weights the page says what that epoch's file says."""

import pytest
from opened_pages import errors, open_lab, percent, probabilities, run, settle, shown_input, text

pytestmark = [pytest.mark.browser, pytest.mark.keras, pytest.mark.slow]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, small_npz):
    """A small network trained for two epochs, each of them kept; and its page."""
    import app as lab

    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVLAB_MODELS", str(folder))
        lab.train_network("lenet5_modern", data=small_npz, epochs=2, keep_epochs=True, seed=1)
        page = lab.make_page("lenet5_modern", data=small_npz).save(folder / "page.html")
    return folder, page


def told_by(file, pixels):
    from app.engine.store import load_model

    return load_model(file).predict(pixels[None, ..., None].astype("float32") / 255, verbose=0)[0]


def test_the_slider_brings_each_epochs_prediction_back(browser, trained):
    folder, page = trained
    files = sorted(folder.rglob("epoch-*.keras"))
    assert len(files) == 3
    open_lab(browser, page, address="#tab=training&image=4")
    pixels, seen = shown_input(browser), []
    for index, file in enumerate(files):
        run(
            browser,
            "const s = document.querySelector('#epoch'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
            str(index),
        )
        settle(browser, 0.4)
        assert probabilities(browser) == [percent(share) for share in told_by(file, pixels)], file.name
        seen.append(
            (
                text(browser, ".bars"),
                text(browser, ".training label"),
                text(browser, ".training .said, .training p[role=status]"),
            )
        )
    assert len(set(seen)) == 3
    assert seen[0][1] == "Before training"
    assert [each[1] for each in seen[1:]] == ["After epoch 1", "After epoch 2"]
    address = run(browser, "return location.hash")
    open_lab(browser, page, address=address.replace("epoch=2", "epoch=0"))
    assert text(browser, ".bars") == seen[0][0]
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
    assert errors(browser) == []


def test_a_page_without_epochs_says_how_they_are_kept(browser, tmp_path):
    import app as lab

    path = lab.make_page("x_or_not_x").save(tmp_path / "page.html")
    open_lab(browser, path, address="#tab=training")
    assert "--keep-epochs" in text(browser, ".training")
    assert errors(browser) == []

"""The published files: where they lie, how they come, and what happens when they do not."""

import hashlib
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app.files.fetching import cache_folder, fetch_weights, find_cached
from models import PRETRAINED, PublishedWeights
from models.pixels import PLAIN

CONTENT = b"weights" * 500_000


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A published file, with a folder in the place of the server."""
    entry = PublishedWeights("net", "net", hashlib.md5(CONTENT).hexdigest(), PLAIN)
    monkeypatch.setattr("models.pretrained.ADDRESS", (tmp_path / "server").as_uri())
    (tmp_path / "server" / "net").mkdir(parents=True)
    (tmp_path / "server" / "net" / entry.file).write_bytes(CONTENT)
    return entry


@pytest.fixture
def offline(monkeypatch):
    """Let every request fail as it does without a network; returns how often one was made."""
    asked = []

    def fail(address, **_):
        asked.append(address)
        raise urllib.error.URLError(OSError(-3, "Temporary failure in name resolution"))

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    return asked


def test_it_is_fetched_once_into_keras_own_cache(cache, published):
    steps = []
    path = fetch_weights(published, lambda *step: steps.append(step))
    assert path == cache / published.file
    assert path.read_bytes() == CONTENT
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert len(steps) > 2
    assert fetch_weights(published, lambda *step: pytest.fail("fetched again")) == path
    assert list(cache.iterdir()) == [path]


def test_what_is_in_the_cache_needs_no_network(cache, published, offline):
    cache.mkdir(parents=True)
    (cache / published.file).write_bytes(CONTENT)
    assert fetch_weights(published) == cache / published.file
    assert not offline


def test_offline_the_message_says_what_to_do(cache, published, offline):
    with pytest.raises(ValueError, match="could not be fetched") as caught:
        fetch_weights(published)
    said = str(caught.value)
    for part in (
        published.file,
        published.address,
        f"put it into {cache}",
        "--weights",
        "Temporary failure in name resolution",
    ):
        assert part in said
    assert "\n" not in said
    assert list(cache.iterdir()) == []


def test_another_file_in_the_cache_is_left_alone(cache, published, offline):
    cache.mkdir(parents=True)
    (cache / published.file).write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"is not the published file, .* move it away"):
        fetch_weights(published)
    assert (cache / published.file).read_bytes() == b"mine"
    assert not offline


@pytest.mark.parametrize("content", [CONTENT[:-1], b"<html>log in first</html>", b""])
def test_what_is_not_the_published_file_is_not_kept(cache, published, tmp_path, content):
    (tmp_path / "server" / "net" / published.file).write_bytes(content)
    with pytest.raises(ValueError, match=r"not the published file.* nothing was kept"):
        fetch_weights(published)
    assert list(cache.iterdir()) == []


def test_a_server_without_the_file(cache, published, tmp_path):
    (tmp_path / "server" / "net" / published.file).unlink()
    with pytest.raises(ValueError, match="could not be fetched"):
        fetch_weights(published)


def test_a_download_that_is_stopped_leaves_nothing(cache, published):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_weights(published, stop)
    assert list(cache.iterdir()) == []
    assert find_cached(published) is None


def test_a_cache_that_cannot_be_written(tmp_path, published, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))
    with pytest.raises(ValueError, match="could not be fetched"):
        fetch_weights(published)


def test_without_a_setting_the_cache_is_at_home(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".keras" / "models"


@pytest.mark.keras
def test_the_cache_is_where_keras_has_it():
    import app.engine  # noqa: F401, I001
    from keras.src.backend.config import keras_home

    assert cache_folder() == Path(keras_home(), "models")


def test_hashes_are_md5():
    assert all(re.fullmatch("[0-9a-f]{32}", entry.md5) for entry in PRETRAINED.values())
    assert len({entry.md5 for entry in PRETRAINED.values()}) == 8

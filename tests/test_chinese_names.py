"""A model, classes, layers and pictures with Chinese names go through the commands; every sign is drawn as itself."""

import contextlib
import warnings
from importlib import import_module

import pytest
from picture_folders import make_picture_folder

from app.show import canvas, fonts

CLASSES, MODEL, PICTURES, NEW = ("圆形", "方块（红）"), "模型/形状分类.keras", "图片", "新图片"
PICTURE = f"{NEW}/圆形/圆形_001.png"
LINES = (
    f"params {MODEL} --full",
    f"params {MODEL} --output 参数.html",
    f"params --compare {MODEL} lenet5_modern --output 比较.png",
    f"params {MODEL} --draw 网络.pdf",
    f"params {MODEL} --draw 网络.png --style volumes",
    f"data --data {PICTURES} --output 图",
    f"predict --model {MODEL} {NEW} --output 预测.csv",
    f"evaluate --model {MODEL} --data {PICTURES} --output 评估",
    f"saliency --model {MODEL} --image {PICTURE} --class 圆形 --output 显著性图.png",
    f"saliency --model {MODEL} --image {PICTURE} --title 图一：圆形的证据 --output 显著性图.pdf",
    f"saliency --model {MODEL} --image {PICTURE} --all-classes --output 显著性图.svg",
    f"saliency --model {MODEL} --images {NEW} --output 文件夹",
    f"features maps --model {MODEL} --image {PICTURE} --output 特征图.png",
    f"features filters --model {MODEL} --output 卷积核.png",
    f"features nearest --model {MODEL} --data {PICTURES} --output 最近.png",
    f"features project --model {MODEL} --image {PICTURE} --output 投影.png",
    f"features maximise --model {MODEL} --class 圆形 --steps 2 --output 最大.png",
    f"faith --model {MODEL} --data {PICTURES} --count 3 --method gradcam --sanity --output 检验.html --pictures 检验",
    f"walk {MODEL} --image {PICTURE} --layer 卷积一 --output 步骤.png",
    f"walk {MODEL} --image {PICTURE} --layer 卷积一 --output 步骤.gif",
    f"worksheet {MODEL} --output 练习.html",
    f"export --model {MODEL} --format saved_model --output 导出",
    f"lab --model {MODEL} --image {PICTURE} --lang zh --export 实验室.html",
    f"transfer --data {PICTURES} --backbone {MODEL} --name 我的分类 --epochs 1",
)


SLOW = ("evaluate", "walk", "transfer", "features m", "features n")


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """A folder with a model whose layers have Chinese names, a folder of classes, and new pictures."""
    import keras

    folder = tmp_path_factory.mktemp("中文")
    for name, count in ((PICTURES, 10), (NEW, 2)):
        make_picture_folder(folder / name, count=count, size=(24, 24), names=CLASSES)
    for file in sorted((folder / NEW).rglob("*.png")):
        file.rename(file.with_stem(f"{file.parent.name}_{file.stem}"))
    image = keras.Input((24, 24, 3), name="输入")
    maps = keras.layers.Conv2D(4, 5, activation="relu", name="卷积一")(image)
    maps = keras.layers.Conv2D(4, 3, activation="relu", name="卷积二")(
        keras.layers.MaxPooling2D(name="池化")(maps)
    )
    made = keras.layers.Dense(2, activation="softmax", name="输出")(keras.layers.Flatten(name="展平")(maps))
    (folder / "模型").mkdir()
    keras.Model(image, made, name="形状分类").save(folder / MODEL)
    (folder / "模型" / "labels.txt").write_text("\n".join(CLASSES), "utf-8")
    return folder


@contextlib.contextmanager
def glyphs_matter():
    """Inside, a sign that no font of a text has is an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Glyph .* missing from")
        yield


@pytest.fixture
def run(door, material, monkeypatch, tmp_path):
    monkeypatch.chdir(material)
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path))
    monkeypatch.setattr(canvas, "without_glyph_warnings", glyphs_matter)

    def run_line(line):
        module, *arguments = line.split()
        return door(import_module(f"app.{module}.__main__").main, *arguments)

    return run_line


def _marked(line):
    name = " ".join(word for word in line.split() if word.isascii())
    return pytest.param(line, id=name, marks=pytest.mark.slow if line.startswith(SLOW) else ())


@pytest.mark.keras
@pytest.mark.parametrize("line", [_marked(line) for line in LINES])
def test_signs_are_drawn_and_printed(run, line):
    code, said, error = run(line)
    assert code == 0, error
    assert fonts.needs_cjk(said + error)
    assert "boxes" not in error
    assert not fonts.was_missed()


@pytest.mark.keras
def test_a_box_in_a_figure_would_be_an_error(run, monkeypatch):
    monkeypatch.setattr(canvas, "give_signs", lambda texts: None)
    code, _, error = run(f"params --compare {MODEL} lenet5_modern --output 方框.png")
    assert code == 2
    assert "missing from" in error

"""Notebooks run as a class runs them: in a kernel of this Python, in an empty folder, without a network.

`python tests/notebooks.py` runs those of docs/notebooks and writes their outputs anew.
"""

import base64
import io
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
PLAIN = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""All that a stored notebook says of where it was made."""
NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


def read(path):
    """Return a stored notebook."""
    import nbformat

    return nbformat.read(path, as_version=4)


def of_cells(*sources):
    """Return a notebook with these cells of code."""
    from nbformat import v4

    return v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])


def run(book, folder):
    """Run all cells in a kernel that starts in `folder`, and return the notebook with their outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell ends with an error.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    here, kernels = Path(folder) / "here", Path(folder) / "kernels"
    here.mkdir()
    (kernels / "this").mkdir(parents=True)
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": launch, "display_name": "this Python", "language": "python"}
    (kernels / "this" / "kernel.json").write_text(json.dumps(spec))
    manager = AsyncKernelManager(
        kernel_name="this",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels)]),
        connection_file=str(kernels / "connection.json"),
    )
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    environment |= NOWHERE | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder), "KERAS_HOME": str(folder)}
    client = NotebookClient(book, km=manager, timeout=500, record_timing=False, shutdown_kernel="immediate")
    return client.execute(env=environment, cwd=str(here), cleanup_kc=True)


def refresh(path):
    """Write the outputs of a stored notebook anew, without anything that changes from run to run."""
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONVLAB_MODELS"] = folder
        book = run(read(path), folder)
    book.metadata = nbformat.from_dict(PLAIN)
    for cell in book.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress(output)]
            for data in (output["data"] for output in cell.outputs if "data" in output):
                if "image/png" in data:
                    data["image/png"] = _smaller(data["image/png"])
    nbformat.write(book, path)


def is_progress(output):
    """Return whether an output is the line of long work, which is there or not as the machine is slow or fast."""
    data = output.get("data", {})
    return set(data) == {"text/plain"} and "━" in data["text/plain"]


def _smaller(png):
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    stream = io.BytesIO()
    picture.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


if __name__ == "__main__":
    for notebook in NOTEBOOKS:
        refresh(notebook)
        print(notebook.name, f"{notebook.stat().st_size // 1000} kB")

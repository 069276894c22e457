"""Node for tests of the lab page's modules: what they return, as JSON."""

import json
import shutil
import subprocess

from browsing import ROOT, missing

PAGE = ROOT / "app" / "lab" / "page"
AROUND = """
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
%s
process.stdout.write(JSON.stringify(result, (key, value) => ArrayBuffer.isView(value) ? [...value] : value));
"""


def run_javascript(text, given=None, timeout=300):
    """Run the text of an ES module beside the page's own and return what it left in `result`.

    >>> run_javascript("const result = given.map(n => n + 1);", [1, 2])  # doctest: +SKIP
    [2, 3]

    Args:
        text: the module; it imports the page's modules as `./engine/machine.js`.
        given: what it finds as `given`.
        timeout: seconds until it is ended.
    """
    node = shutil.which("node")
    if node is None:
        missing("there is no node")
    imports = [line for line in text.splitlines() if line.lstrip().startswith("import ")]
    body = [line for line in text.splitlines() if not line.lstrip().startswith("import ")]
    whole = "\n".join([*(line.strip() for line in imports), AROUND % "\n".join(body)])
    whole = whole.replace('from "./', f'from "{PAGE.as_uri()}/')
    done = subprocess.run(
        [node, "--input-type=module", "--eval", whole],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)

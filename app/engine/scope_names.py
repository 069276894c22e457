"""Layers and models with names of any script.

Layers and their weights give their names to scopes of TensorFlow's graphs. Those take Latin letters, digits and a few
signs and refuse `卷积` and `my conv`: such a model could be opened, but not be trained, exported or asked by
tf-keras-vis. Importing `app.engine` lets the scope have another name; the layer keeps its own.
"""

import re
from typing import Any

from tensorflow.python.framework.ops import Graph

REFUSED = re.compile(r"[^A-Za-z0-9_.\\/>-]")
"""Every sign that TensorFlow refuses in the name of a scope."""


def scope_name(name: str) -> str:
    r"""Return a name for a scope: signs that TensorFlow refuses are written as their numbers.

    >>> scope_name("conv1"), scope_name("卷积1")
    ('conv1', 'x5377x79ef1')
    """
    taken = REFUSED.sub(lambda sign: f"x{ord(sign[0]):x}", name)
    return taken if taken == name or re.match("[A-Za-z0-9.]", taken) else f"x{taken}"


TENSORFLOWS = Graph.name_scope
"""What TensorFlow does when a scope begins."""


def _name_scope(graph: Any, name: Any) -> Any:
    return TENSORFLOWS(graph, scope_name(name) if isinstance(name, str) else name)


Graph.name_scope = _name_scope

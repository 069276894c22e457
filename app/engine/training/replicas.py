"""Copies of a network on several devices and in several processes: made, fed, and asked together."""

import contextlib
import io
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.cluster.team import Team
from app.cluster.tf_config import LOGICAL, Distribution
from app.show.chatter import without_chatter

PIECE = 16 << 20
"""Bytes that are sent to the other workers at a time."""


class Replicas:
    """The copies of a network that learn together; each computes the gradient of its share of a batch.

    Args:
        strategy: TensorFlow's, which holds the copies.
        team: the workers; None where all copies are in this process.
    """

    def __init__(self, strategy: tf.distribute.Strategy, team: Team | None = None) -> None:
        self.strategy, self.team = strategy, team
        self.count: int = strategy.num_replicas_in_sync
        """How many there are in all."""
        self.worker = 0 if team is None else team.cluster.index
        self.workers = 1 if team is None else team.cluster.size
        each = self.count // self.workers
        self.mine = range(self.worker * each, (self.worker + 1) * each)
        """The numbers of those in this process."""

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files."""
        return self.worker == 0

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Inside the block each variable that is made has a copy for each replica.

        All copies hold the same at any time, those of statistics too, so that reading one asks no other worker.
        """
        with self.strategy.scope(), tf.variable_creator_scope(_alike):
            yield

    def hand_out(self, shares: Sequence[Any]) -> Any:
        """Return what the replicas of this process are each given, in their order."""
        if not self._has_copies:
            return shares[0]
        first = self.mine.start
        return self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.nest.map_structure(
                tf.convert_to_tensor, shares[context.replica_id_in_sync_group - first]
            )
        )

    def results(self, values: Any) -> tuple[Any, ...]:
        """Return what each replica of this process has computed."""
        return tuple(self.strategy.experimental_local_results(values))

    @property
    def _has_copies(self) -> bool:
        return type(self.strategy) is not type(tf.distribute.get_strategy()) or self.count > 1

    def add_up(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of numbers over the workers, each of which calls this with its own."""
        if self.workers == 1:
            return values
        shares = [values, *[np.zeros_like(values)] * (len(self.mine) - 1)]
        return np.asarray(self.results(self._sum(self.hand_out(shares)))[0])

    @tf.function(autograph=False)
    def _sum(self, values: Any) -> Any:
        def in_replica(value: Any) -> Any:
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, on_device(value))

        return self.strategy.run(in_replica, args=(values,))

    def share(self, content: bytes) -> bytes:
        """Return the bytes that the chief calls this with; those of the others do not matter.

        They are added up as whole numbers, with zeros by the others, so that all get the same to the bit.
        """
        if self.workers == 1:
            return content
        content = content if self.is_chief else b""
        length = int(self.add_up(np.array([len(content)], np.int64))[0])
        pieces = [
            self._share_piece(content[at : at + PIECE], min(PIECE, length - at))
            for at in range(0, length, PIECE)
        ]
        return b"".join(pieces)

    def _share_piece(self, piece: bytes, length: int) -> bytes:
        padded = piece.ljust(-(-length // 4) * 4, b"\0")
        return self.add_up(np.frombuffer(padded, np.int32)).tobytes()[:length]

    def share_arrays(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return the chief's arrays."""
        content = io.BytesIO()
        if self.is_chief:
            np.savez(content, *arrays)
        received = self.share(content.getvalue())
        with np.load(io.BytesIO(received), allow_pickle=False) as stored:
            return [stored[name] for name in stored.files]

    def share_facts(self, facts: Any) -> Any:
        """Return the chief's plain facts, as JSON has them."""
        return json.loads(self.share(json.dumps(facts).encode()))

    def spread(self, variables: Sequence[keras.Variable]) -> None:
        """Give variables of all workers what those of the chief hold."""
        if self.workers > 1:
            arrays = self.share_arrays([np.asarray(each) for each in variables])
            for variable, array in zip(variables, arrays, strict=True):
                variable.assign(array)

    def keep(self, epochs: int) -> None:
        """Note that the state after so many epochs is kept."""
        if self.team is not None:
            self.team.keep(epochs)


def on_device(value: Any) -> Any:
    """Return a value as its replica's own device holds it; one that was only passed on is nowhere, and not added up."""
    return tf.identity(value)


def _alike(make: Callable[..., Any], **settings: Any) -> Any:
    """Make a variable whose copies are written together and never differ."""
    settings["synchronization"] = tf.VariableSynchronization.AUTO
    settings["aggregation"] = tf.VariableAggregation.ONLY_FIRST_REPLICA
    return make(**settings)


def alone() -> Replicas:
    """Return a single replica, as a reference: the same steps without any other copy."""
    return Replicas(tf.distribute.get_strategy())


def start_replicas(distribution: Distribution | None, team: Team | None) -> Replicas | None:
    """Return the replicas that a network is to be trained on; None where it is trained as usual.

    Raises:
        ValueError: TensorFlow has computed something already, and can no longer be told.
    """
    if distribution is None:
        return None
    with without_chatter():
        if distribution.cpu_devices is not None:
            _divide_processor(distribution.cpu_devices)
        if team is None:
            return Replicas(tf.distribute.MirroredStrategy(_devices()))
        return Replicas(_join(team), team)


def _divide_processor(count: int) -> None:
    try:
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * count
        )
    except RuntimeError as error:
        raise ValueError(
            f"TensorFlow has computed something already and cannot divide the processor any more ({LOGICAL}); train in "
            "a fresh process"
        ) from error


def _devices() -> list[str]:
    """Return the devices of this process: its graphics cards, or where there are none its processors."""
    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return [device.name for device in found]


def _join(team: Team) -> tf.distribute.Strategy:
    """Return TensorFlow's strategy for all workers, once it is connected to them."""
    from tensorflow.python.eager import context

    if context.context()._context_handle is not None:
        raise ValueError(
            "training on several machines has to be the first thing that TensorFlow does in a process; start a fresh "
            "Python, and give models as files"
        )
    cluster, cards = team.cluster, len(tf.config.list_physical_devices("GPU"))
    team.wait_for_all()
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.addresses)}),
        task_type="worker",
        task_id=cluster.index,
        rpc_layer="grpc",
        num_accelerators={"GPU": cards} if cards else None,
    )
    with _heeding_termination(), team.connecting():
        strategy = tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    team.abort = _abort
    return strategy


@contextlib.contextmanager
def _heeding_termination() -> Iterator[None]:
    """Have SIGTERM end this process as before: TensorFlow's service for several workers takes it, and goes on."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # in a thread beside the main one
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _abort(reason: str) -> None:
    """Have everything fail that waits for another worker."""
    from tensorflow.python.eager import context

    context.context().abort_collective_ops(tf.errors.UNAVAILABLE, reason)

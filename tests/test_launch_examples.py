"""The files that start ConvLab on several machines: run with stand-ins for Slurm and ssh, read by the real parsers."""

import contextlib
import json
import os
import re
import runpy
import socket
import stat
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import click
import h5py
import numpy as np
import pytest
from conftest import ROOT

from app.cluster.tf_config import read_cluster

LAUNCH = ROOT / "docs" / "launch"
NODES = ["node01", "node02", "node03"]

STAND_INS = {
    "scontrol": r"""#!/bin/bash
echo "scontrol $*" >> "$LOG"
[ "$1" = show ] || exit 0
[[ "$3" =~ ^(.*)\[([0-9]+)-([0-9]+)\]$ ]] || { echo "$3"; exit; }
for number in $(seq -w "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"); do echo "${BASH_REMATCH[1]}$number"; done
""",
    # As Slurm's: options first, then a command that is started for each task.
    "srun": r"""#!/bin/bash
echo "srun $*" >> "$LOG"
while [[ "$1" == --* ]]; do shift; done
for ((i = 0; i < SLURM_NTASKS; i++)); do SLURM_PROCID=$i TASK=$i "$@" & tasks+=($!); done
trap 'kill "${tasks[@]}"; exit 143' TERM
worst=0
for task in "${tasks[@]}"; do wait "$task" || { code=$?; [ $code -gt $worst ] && worst=$code; }; done
exit $worst
""",
    # As OpenSSH's: one text goes to a shell on the host, which begins in the user's home; so does what is typed.
    "ssh": r"""#!/bin/bash
while [[ "$1" == -* ]]; do shift 2; done
export TASK=$1
shift
cd "$HOME" && exec sh -c "$*"
""",
    "hostname": "#!/bin/sh\necho head\n",
}
PROGRAM = f"""#!{sys.executable}
import json, os, sys, time
from pathlib import Path
task = os.environ.get("TASK", "here")
said = {{"argv": sys.argv[1:], "config": os.environ.get("TF_CONFIG"), "folder": os.getcwd(), "pid": os.getpid()}}
name = "-".join([Path(sys.argv[0]).name, task, *sys.argv[1:2]])
Path(os.environ["SAID"], name).write_text(json.dumps(said))
print("said by", task, flush=True)
while task == "here" and len(list(Path(os.environ["SAID"]).glob("dask-*"))) < int(os.environ.get("WAITS_FOR", 0)):
    time.sleep(0.01)
if task in os.environ.get("STAYS", "").split():
    time.sleep(60)
sys.exit(int(os.environ.get("FAILS_" + task, 0)))
"""


class Site:
    """A folder with a ConvLab that only writes down how it was started, and commands that stand for a cluster's."""

    def __init__(self, folder):
        self.said_folder, self.log, commands = folder / "said", folder / "log", folder / "commands"
        self.convlab = folder / "home" / "My ConvLab"
        binaries = self.convlab / ".venv" / "bin"
        for each in (self.said_folder, commands, binaries):
            each.mkdir(parents=True)
        self.log.touch()
        programs = {commands / name: text for name, text in STAND_INS.items()}
        programs |= {binaries / "python": PROGRAM, binaries / "dask": PROGRAM}
        for path, text in programs.items():
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.environment = {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "LOG": str(self.log),
            "SAID": str(self.said_folder),
            "CONVLAB": str(self.convlab),
            "TMPDIR": str(folder),
        }

    def run(self, text, **environment):
        """Run a script in bash, as Slurm or a user would."""
        script = self.said_folder.parent / "script"
        script.write_text(text)
        return subprocess.run(
            ["bash", script],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=50,
        )

    def said(self, kind="python"):
        """Return what each process was started with, in the order of the tasks."""
        return [json.loads(path.read_text()) for path in sorted(self.said_folder.glob(f"{kind}-*"))]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def script(name):
    return (LAUNCH / name).read_text("utf-8")


def changed(name, old, new):
    assert script(name).count(old) == 1, old
    return script(name).replace(old, new)


def slurm(nodes="node[01-03]", tasks=3, **more):
    return {"SLURM_JOB_ID": "71", "SLURM_JOB_NODELIST": nodes, "SLURM_NTASKS": str(tasks), **more}


def verify_configs(said, addresses):
    """Each process is told all addresses and its own place among them; ConvLab's reader takes it."""
    assert len(said) == len(addresses)
    for index, process in enumerate(said):
        wanted = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        assert json.loads(process["config"]) == wanted
        cluster = read_cluster(process["config"])
        assert (cluster.addresses, cluster.index) == (tuple(addresses), index)


def verify_command(arguments):
    """The options exist: the command's own parser takes them, and nothing is run."""
    assert arguments[0] == "-m"
    module = arguments[1]
    import_module(f"{module}.__main__").main.make_context(module, list(arguments[2:]))


def verify_dask(processes):
    """The same for Dask's scheduler and workers, where Dask is installed."""
    pytest.importorskip("distributed")
    for name, *arguments in (process["argv"] for process in processes):
        import_module(f"distributed.cli.dask_{name}").main.make_context(name, arguments)


def test_slurm_gives_each_task_its_place(site):
    done = site.run(script("train.slurm"), **slurm())
    assert done.returncode == 0, done.stderr
    verify_configs(site.said(), [f"{name}:20071" for name in NODES])
    for process in site.said():
        verify_command(process["argv"])
        assert process["argv"][1:4] == ["app.train", "--distribute", "multiworker"]
        assert Path(process["folder"]) == site.convlab
    assert "requeue" not in site.log.read_text()


@pytest.mark.parametrize(
    ("nodes", "tasks", "each", "addresses"),
    [
        ("gpu7", 1, "1", ["gpu7:20071"]),
        ("gpu7", 2, "2", ["gpu7:20071", "gpu7:20072"]),
        ("n[9-11]", 3, "1", ["n09:20071", "n10:20071", "n11:20071"]),
        ("n[1-2]", 4, "2", ["n1:20071", "n1:20072", "n2:20071", "n2:20072"]),
    ],
)
def test_slurm_with_other_lists(site, nodes, tasks, each, addresses):
    done = site.run(script("train.slurm"), **slurm(nodes, tasks, SLURM_NTASKS_PER_NODE=each))
    assert done.returncode == 0, done.stderr
    verify_configs(site.said(), addresses)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"\"index\": $SLURM_PROCID", r"\"index\": $((SLURM_PROCID + 1))"),
        ("$((port + task))", "$((port + task + 1))"),
        (r"\"worker\": [$1]", r"\"workers\": [$1]"),
    ],
)
def test_a_wrong_slurm_file_is_found(site, old, new):
    assert site.run(changed("train.slurm", old, new), **slurm()).returncode == 0
    with pytest.raises(AssertionError):
        verify_configs(site.said(), [f"{name}:20071" for name in NODES])


@pytest.mark.parametrize(
    ("code", "restarts", "is_queued"),
    [("1", "0", True), ("2", "0", False), ("1", "3", False), ("0", "0", False)],
)
def test_slurm_queues_again_what_was_lost(site, code, restarts, is_queued):
    done = site.run(script("train.slurm"), FAILS_1=code, **slurm(SLURM_RESTART_COUNT=restarts))
    assert done.returncode == int(code)
    assert ("scontrol requeue 71" in site.log.read_text()) == is_queued


def test_hosts_get_their_places_and_their_names_in_front(site):
    done = site.run(script("train_on_hosts.sh"), HOSTS=" ".join(NODES))
    assert done.returncode == 0, done.stderr
    verify_configs(site.said(), [f"{name}:4321" for name in NODES])
    for process in site.said():
        verify_command(process["argv"])
        assert Path(process["folder"]) == site.convlab
    assert sorted(done.stdout.splitlines()) == [f"{name}: said by {name}" for name in NODES]


def test_a_wrong_place_on_a_host_is_found(site):
    site.run(changed("train_on_hosts.sh", r"\"index\": $index", r"\"index\": $((index + 1))"), HOSTS="a b")
    with pytest.raises(AssertionError):
        verify_configs(site.said(), ["a:4321", "b:4321"])


def is_running(process):
    try:
        state = Path(f"/proc/{process['pid']}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_one_host_that_fails_ends_the_others(site):
    done = site.run(
        script("train_on_hosts.sh"), HOSTS=" ".join(NODES), STAYS="node01 node03", FAILS_node02="1"
    )
    assert done.returncode == 1
    assert not any(map(is_running, site.said()))
    assert not list(site.said_folder.parent.glob("tmp.*"))  # the pipe is gone


def test_slurm_starts_a_scheduler_and_workers_for_many_pictures(site):
    done = site.run(script("dask.slurm"), STAYS="0 1", WAITS_FOR="3", **slurm(tasks=2))
    assert done.returncode == 0, done.stderr
    (command,) = site.said()
    assert [process["argv"][:2] for process in site.said("dask")] == [
        *(["worker", "tcp://head:20071"] for _ in range(2)),
        ["scheduler", "--port"],
    ]
    verify_dask(site.said("dask"))
    verify_command(command["argv"])
    assert command["argv"][-2:] == ["--scheduler", "tcp://head:20071"]


def test_hosts_work_for_a_scheduler(site):
    done = site.run(script("dask_on_hosts.sh"), HOSTS=" ".join(NODES), STAYS=" ".join(NODES), WAITS_FOR="4")
    assert done.returncode == 0, done.stderr
    (command,) = site.said()
    assert [process["argv"][0] for process in site.said("dask")] == [
        "scheduler",
        "worker",
        "worker",
        "worker",
    ]
    verify_dask(site.said("dask"))
    assert not any(map(is_running, site.said("dask")))
    verify_command(command["argv"])
    assert command["argv"][-2:] == ["--scheduler", "tcp://head:8786"]


def test_an_option_that_does_not_exist_is_found(site):
    site.run(changed("dask_on_hosts.sh", "--arrays", "--array-files"), HOSTS="a")
    (command,) = site.said()
    with pytest.raises(click.NoSuchOption, match="array-files"):
        verify_command(command["argv"])


NAME, TEXT, COUNT = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"), re.compile(r"[^\n]+"), int
SIZE, PORT = re.compile(r"[1-9][0-9]*(Mi|Gi)?"), range(1, 65_536)
LABELS = {"app": NAME}
METADATA = {"name": NAME}
RESOURCES = {"requests": {"cpu": SIZE, "memory": SIZE}, "limits?": {"cpu?": SIZE, "memory?": SIZE}}
CONTAINER = {
    "name": NAME,
    "image": TEXT,
    "workingDir": re.compile("/.*"),
    "command": [TEXT],
    "args?": [TEXT],
    "env?": [{"name": re.compile("[A-Z_]+"), "value": TEXT}],
    "ports?": [{"name?": NAME, "containerPort": PORT}],
    "readinessProbe?": {"tcpSocket": {"port": PORT}},
    "resources": RESOURCES,
    "volumeMounts?": [{"name": NAME, "mountPath": re.compile("/.*")}],
}
VOLUMES = [{"name": NAME, "persistentVolumeClaim": {"claimName": NAME}}]
POD = {"containers": [CONTAINER], "volumes?": VOLUMES}
DEPLOYMENT = {
    "replicas": COUNT,
    "selector": {"matchLabels": LABELS},
    "template": {"metadata": {"labels": LABELS}, "spec": POD},
}
TFJOB = {
    "runPolicy": {"cleanPodPolicy": re.compile("All|Running|None"), "backoffLimit": COUNT},
    "tfReplicaSpecs": {
        "Worker": {
            "replicas": COUNT,
            "restartPolicy": re.compile("Always|OnFailure|Never|ExitCode"),
            "template": {
                "metadata": {"annotations": {"sidecar.istio.io/inject": re.compile("false")}},
                "spec": POD,
            },
        }
    },
}
CLAIM = {
    "accessModes": [re.compile("ReadWriteMany")],
    "storageClassName": NAME,
    "resources": {"requests": {"storage": SIZE}},
}
SERVICE = {"selector": LABELS, "ports": [{"name": NAME, "port": PORT, "targetPort": PORT}]}
JOB = {"backoffLimit": COUNT, "template": {"spec": {**POD, "restartPolicy": re.compile("Never|OnFailure")}}}
KINDS = {
    ("v1", "PersistentVolumeClaim"): CLAIM,
    ("v1", "Service"): SERVICE,
    ("apps/v1", "Deployment"): DEPLOYMENT,
    ("batch/v1", "Job"): JOB,
    ("kubeflow.org/v1", "TFJob"): TFJOB,
}
"""The part of the published schemas that the files use; a question mark: may be left out."""


def complaints(value, shape, place):
    """Yield what is wrong with a value: a field that is not known, one that is missing, a value of another kind."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{place} is no mapping"
            return
        fields = {name.rstrip("?"): inner for name, inner in shape.items()}
        yield from (f"{place}.{name} is not known" for name in value if name not in fields)
        yield from (f"{place}.{name} is missing" for name in shape if name[-1] != "?" and name not in value)
        for name in value.keys() & fields.keys():
            yield from complaints(value[name], fields[name], f"{place}.{name}")
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield f"{place} is no list"
            return
        for number, each in enumerate(value):
            yield from complaints(each, shape[0], f"{place}[{number}]")
    elif isinstance(shape, re.Pattern):
        if not isinstance(value, str) or not shape.fullmatch(value):
            yield f"{place} is {value!r}"
    elif type(value) is not int or (isinstance(shape, range) and value not in shape):
        yield f"{place} is {value!r}"


def documents(text):
    return list(pytest.importorskip("yaml").safe_load_all(text))


def all_complaints(text):
    found = []
    for each in documents(text):
        spec = KINDS[each["apiVersion"], each["kind"]]
        shape = {"apiVersion": TEXT, "kind": TEXT, "metadata": METADATA, "spec": spec}
        found += complaints(each, shape, each["kind"])
    return found


def pods(text):
    """Return the description of each pod that a file starts, by the name of what starts it."""
    found = {}
    for each in documents(text):
        spec = each["spec"]
        template = spec.get("tfReplicaSpecs", {}).get("Worker", spec).get("template")
        if template:
            found[each["metadata"]["name"]] = template
    return found


@pytest.mark.parametrize("name", ["tfjob.yaml", "dask.yaml"])
def test_the_fields_are_those_of_kubernetes(name):
    assert all_complaints(script(name)) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("tfjob.yaml", "restartPolicy:", "restartPolice:", "restartPolice is not known"),
        ("tfjob.yaml", "containerPort: 2222", "containerPort: 72222", "containerPort is 72222"),
        ("tfjob.yaml", "replicas: 3", 'replicas: "3"', "replicas is '3'"),
        ("tfjob.yaml", "claimName", "claim", "claimName is missing"),
        ("dask.yaml", "tcpSocket", "socket", "socket is not known"),
        ("dask.yaml", "backoffLimit: 3", "backoffLimits: 3", "backoffLimits is not known"),
        ("dask.yaml", 'INTRAOP_THREADS, value: "1"', "INTRAOP_THREADS, value: 1", "value is 1"),
    ],
)
def test_a_wrong_field_is_found(name, old, new, complaint):
    assert any(complaint in found for found in all_complaints(changed(name, old, new)))


@pytest.mark.parametrize("name", ["tfjob.yaml", "dask.yaml"])
def test_the_pods_start_commands_that_exist(name):
    for template in pods(script(name)).values():
        (container,) = template["spec"]["containers"]
        program, *arguments = [*container["command"], *container.get("args", [])]
        if program == "python":
            verify_command(arguments)
        else:
            verify_dask([{"argv": arguments}])


def test_the_operator_finds_container_and_port():
    """By these names Kubeflow's operator finds where TF_CONFIG goes and which port stands in it."""
    (container,) = pods(script("tfjob.yaml"))["convlab-train"]["spec"]["containers"]
    assert container["name"] == "tensorflow"
    assert [port["name"] for port in container["ports"]] == ["tfjob-port"]


def verify_names(text, claims):
    """What one description calls by its name is there: pods by their labels, volumes, claims, the scheduler."""
    found = {(each["kind"], each["metadata"]["name"]): each["spec"] for each in documents(text)}
    for (kind, _), spec in found.items():
        if kind == "Deployment":
            assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        if kind == "Service":
            assert spec["selector"] in [
                t["metadata"]["labels"] for t in pods(text).values() if "metadata" in t
            ]
    for template in pods(text).values():
        (container,) = template["spec"]["containers"]
        volumes = template["spec"].get("volumes", [])
        assert {m["name"] for m in container.get("volumeMounts", [])} == {v["name"] for v in volumes}
        assert {v["persistentVolumeClaim"]["claimName"] for v in volumes} <= claims
        for host, port in re.findall(r"tcp://([a-z-]+):(\d+)", " ".join(container["command"])):
            assert int(port) in [each["port"] for each in found["Service", host]["ports"]]


def test_names_fit_together():
    verify_names(script("tfjob.yaml"), {"convlab"})
    verify_names(script("dask.yaml"), {"convlab"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  selector: {app: convlab-scheduler}\n  ports", "  selector: {app: scheduler}\n  ports"),
        ("    matchLabels: {app: convlab-workers}", "    matchLabels: {app: workers}"),
        ("port: 8786\n      targetPort", "port: 8787\n      targetPort"),
    ],
)
def test_a_wrong_name_is_found(old, new):
    with pytest.raises(AssertionError):
        verify_names(changed("dask.yaml", old, new), {"convlab"})


def test_ray_gives_each_machine_its_place(monkeypatch):
    """A stand-in for Ray calls at once what Ray would call elsewhere; the second of three processes is lost."""
    started = []

    def start(command, cwd, env):
        started.append({"argv": command[1:], "config": env["TF_CONFIG"], "folder": cwd})
        return subprocess.CompletedProcess(command, -9 if len(started) == 2 else 0)

    class Handle:
        def __init__(self, made):
            self.made = made

        def __getattr__(self, name):
            return SimpleNamespace(remote=getattr(self.made, name))

    def remote(kind):
        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=lambda: Handle(kind())))

    ray = SimpleNamespace(
        init=lambda **_: None,
        remote=remote,
        get=lambda value: value,
        wait=lambda values, **_: (values[:1], values[1:]),
        util=SimpleNamespace(get_node_ip_address=lambda: "127.0.0.1"),
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(subprocess, "run", start)
    program = runpy.run_path(str(LAUNCH / "train_with_ray.py"))
    arguments = re.search(r"--workers 3 -- (.*)", program["__doc__"])[1].split()
    assert program["train"](3, 1, 0, arguments) == 1
    verify_configs(started, list(json.loads(started[0]["config"])["cluster"]["worker"]))
    for process in started:
        verify_command(process["argv"])
        assert process["folder"] == ROOT


def with_jax(folder, data, model, processes, **changes):
    """Train by Keras on JAX in several processes; return the weights in the file of the first one."""
    output = folder / f"{model}-{processes}.keras"
    command = [
        sys.executable,
        LAUNCH / "train_with_jax.py",
        "--model",
        model,
        "--recipe",
        "sgd",
        "--data",
        data,
    ]
    with contextlib.ExitStack() as free:
        held = [free.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(processes)]
        workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in held]
    running = []
    for index in range(processes):
        config = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment |= {"TF_CONFIG": json.dumps(config)} if processes > 1 else {}
        line = [str(word) for word in (*command, "--epochs", 1, "--batch-size", 32, "--output", output)]
        running.append(
            subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        )
    try:
        for process in running:
            said, _ = process.communicate(timeout=200)
            assert process.returncode == 0, said.decode()
    finally:
        for process in running:
            process.kill()
            process.wait()
    with zipfile.ZipFile(output) as archive:
        (folder / "weights").write_bytes(archive.read("model.weights.h5"))
    found = {}
    with h5py.File(folder / "weights") as file:
        file.visititems(
            lambda name, each: found.update({name: each[()]}) if isinstance(each, h5py.Dataset) else None
        )
    return {name: values for name, values in found.items() if values.dtype == np.float32}


def largest_difference(some, others):
    assert some.keys() == others.keys()
    return max(float(abs(values - others[name]).max()) for name, values in some.items())


@pytest.mark.keras
@pytest.mark.slow
def test_two_processes_on_jax_end_with_the_weights_of_one(mnist, tmp_path):
    pytest.importorskip("jax")
    few = {"x_train": mnist.train_images[:200], "y_train": mnist.train_labels[:200]}
    np.savez(tmp_path / "few.npz", **few, x_test=mnist.test_images[:50], y_test=mnist.test_labels[:50])
    one, two = (with_jax(tmp_path, tmp_path / "few.npz", "mnist", processes) for processes in (1, 2))
    assert len(one) >= 8
    assert largest_difference(one, two) < 1e-4
    name, values = next(iter(two.items()))
    assert largest_difference(one, {**two, name: values + 1e-3}) > 1e-4  # a difference would be seen

"""Brokers of Apache Kafka (KRaft) for tests: started, stopped, killed, started again on the same data."""

from __future__ import annotations

import base64
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from services.runtime.postgres_process import die_with_parent
from tests.support.kafka_jars import find_jars, find_program, publish

HOST = "127.0.0.1"
CLUSTER_ID = "Z3Jvb3Rib2VrLXRlc3QtMQ"
# Above those of well-known services.
FIRST_PORT = 20_000
# Tests seed the dice of the process, and two processes that do so would throw the same ports.
DICE = random.SystemRandom()
_handed_out: set[int] = set()
START_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 30.0
POLL_SECONDS = 0.1
LOG_TAIL_BYTES_MAX = 4_000
# Few tests ask much of a broker: a small heap, one collector thread, the compiler that starts soonest.
JAVA_OPTIONS = (
    "-Xms96m",
    "-Xmx320m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
SETTINGS: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    # A topic that nobody made on purpose is a fault.
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.min.session.timeout.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "log.cleaner.enable": "false",
    # A test that makes old records go away does not want to wait for five minutes.
    "log.retention.check.interval.ms": "1000",
    "log.segment.delete.delay.ms": "0",
    "controlled.shutdown.enable": "false",
    # What stands on disk is noted so often: one that lives for seconds only would read everything again each time.
    "log.flush.offset.checkpoint.interval.ms": "5000",
    # One that was killed may come back under its own number after so long.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
}
# When it stalls, so does the controller in the same process, which would else miss it.
ALONE: Mapping[str, str] = {"broker.session.timeout.ms": "600", "broker.heartbeat.interval.ms": "100"}


def free_port() -> int:
    """A port that nobody listens on now, and that no connection is given before a broker listens there, or again.

    Where the kernel takes ports for outgoing connections, one may go to any of them while Java is still starting.
    """
    while True:
        port = DICE.randrange(FIRST_PORT, first_port_of_connections())
        with suppress(OSError), socket.create_server((HOST, port)):
            if port not in _handed_out:
                _handed_out.add(port)
                return port


def first_port_of_connections() -> int:
    """The first of the ports that the kernel gives to connections that ask for none."""
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])


class Broker:
    """One broker that is its own controller, or one of several; keeps its data in ``folder`` until ``remove``."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
        node: int = 1,
        voters: Mapping[int, int] | None = None,
        options: Sequence[str] | None = None,
    ) -> None:
        """Take settings that differ from ours; ``voters`` are the controllers' ports by node of a cluster.

        ``options`` are Java's own on top of ours, instead of the archive of classes that is otherwise used.
        """
        self._folder = folder
        self._java = find_program("java", "Java 17 or later (package openjdk-17-jre-headless)")
        self._jars = find_jars(say)
        self._options = find_archive(self._jars, say) if options is None else tuple(options)
        self.node, self.port = node, free_port()
        self._voters = dict(voters or {node: free_port()})
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients begin."""
        return f"{HOST}:{self.port}"

    @property
    def log_folder(self) -> Path:
        """Where the segments of the topics lie."""
        return self._folder / "data"

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run."""
        return self._process.pid if self._process is not None and self.is_running else None

    def start(self, *, wait: bool = True) -> Self:
        """Start on what the folder holds, empty the first time; unless told otherwise wait until it answers."""
        assert not self.is_running, "started twice"
        if not (self.log_folder / "meta.properties").exists():
            self.format()
        command = self._command("kafka.Kafka", str(self._properties))
        self._process = run_guarded(command, self._folder / "broker.log")
        if wait:
            self.wait_until_ready()
        return self

    def stop(self) -> None:
        """Ask it to end in order; what lingers is killed."""
        if self.is_running and self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Let it crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let it hang: it holds its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Kill it and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait_until_ready(self, brokers: int = 1) -> None:
        """Wait until it answers and sees so many brokers; an error with the end of its log otherwise."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self.is_running:
            if count_brokers(self.bootstrap) >= brokers:
                return
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"Kafka did not start: {self.log_tail()}")

    def log_tail(self) -> str:
        """The end of what it said."""
        log = self._folder / "broker.log"
        return log.read_bytes()[-LOG_TAIL_BYTES_MAX:].decode(errors="replace") if log.exists() else ""

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    def format(self) -> None:
        """Write the settings and make an empty data folder, from the one that Kafka's own tool once made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write_properties()
        template = self._jars.with_name("formatted")
        if not template.is_dir():
            self._run_tool()
            return
        shutil.copytree(template, self.log_folder)
        meta = self.log_folder / "meta.properties"
        directory = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
        found = dict(line.split("=", 1) for line in meta.read_text(encoding="utf-8").split() if "=" in line)
        own = {**found, "node.id": str(self.node), "directory.id": directory}
        meta.write_text("".join(f"{name}={value}\n" for name, value in own.items()), encoding="utf-8")

    def _write_properties(self) -> None:
        """Write the settings of this broker."""
        controller = self._voters[self.node]
        replicas = str(len(self._voters))
        own = {
            "node.id": str(self.node),
            "controller.quorum.voters": ",".join(f"{node}@{HOST}:{port}" for node, port in self._voters.items()),
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port}",
            "log.dirs": str(self.log_folder),
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": "1",
            "default.replication.factor": replicas,
        }
        own |= ALONE if len(self._voters) == 1 else {}
        lines = [f"{name}={value}\n" for name, value in {**SETTINGS, **own, **self._settings}.items()]
        self._properties.write_text("".join(lines), encoding="utf-8")

    def _run_tool(self) -> None:
        """Let Kafka's own tool make the data folder."""
        command = self._command("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._properties))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"Kafka could not format its folder: {done.stdout} {done.stderr}"

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [self._java, *JAVA_OPTIONS, *self._options, "-cp", f"{self._jars}/*", program, *arguments]


def find_archive(jars: Path, say: Callable[[str], None]) -> tuple[str, ...]:
    """Java's option to load Kafka's classes from an archive, which takes a third of the time; made the first time.

    A broker on an empty folder is started and ended for it; what it began with is kept for the next ones to copy.
    """
    archive = jars.with_name("classes.jsa")
    if not archive.exists():
        say("Preparing Apache Kafka, once (about ten seconds)")
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=jars.parent))
        made = unfinished / archive.name
        broker = Broker(unfinished, options=(f"-XX:ArchiveClassesAtExit={made}", "-Xlog:disable"))
        try:
            broker.format()
            shutil.copytree(broker.log_folder, unfinished / "formatted")
            publish(unfinished / "formatted", jars.with_name("formatted"))
            broker.start().stop()
            publish(made, archive)
        finally:
            broker.remove()
    return (f"-XX:SharedArchiveFile={archive}",)


class Cluster:
    """Several brokers that are each other's controllers, for failover."""

    def __init__(self, folder: Path, size: int = 3, *, settings: Mapping[str, str] | None = None) -> None:
        """Keep the data of each in a folder of its own."""
        self._folder = folder
        voters = {node: free_port() for node in range(1, size + 1)}
        self.brokers = [Broker(folder / str(node), node=node, voters=voters, settings=settings) for node in voters]

    @property
    def bootstrap(self) -> str:
        """All brokers, with commas between."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def start(self) -> Self:
        """Start all and wait until each sees the others."""
        for broker in self.brokers:
            broker.start(wait=False)
        for broker in self.brokers:
            broker.wait_until_ready(len(self.brokers))
        return self

    def remove(self) -> None:
        """Kill all and remove their data."""
        for broker in self.brokers:
            broker.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    def leader_of(self, topic: str, partition: int = 0) -> Broker:
        """The broker that leads a partition, as soon as there is one that runs."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            leader = find_leader(self.brokers, topic, partition)
            if leader is not None and leader.is_running:
                return leader
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"{topic} has no leader")


def find_leader(brokers: Sequence[Broker], topic: str, partition: int) -> Broker | None:
    """The broker that leads a partition, if those that run agree that there is one."""
    try:
        with KafkaAdminClient(bootstrap_servers=running(brokers), bootstrap_timeout_ms=5_000) as admin:
            (found,) = admin.describe_topics([topic])
    except KafkaError:
        return None
    leaders = {each["partition_index"]: each["leader_id"] for each in found["partitions"]}
    return next((broker for broker in brokers if broker.node == leaders.get(partition)), None)


def running(brokers: Sequence[Broker]) -> list[str]:
    """Where those that run begin."""
    return [broker.bootstrap for broker in brokers if broker.is_running]


def count_brokers(bootstrap: str) -> int:
    """How many brokers the cluster has, as this one sees it; 0 when it does not answer."""
    host, _, port = bootstrap.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        with KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=5_000) as admin:
            return len(admin.describe_cluster()["brokers"])
    except (OSError, KafkaError):
        return 0


def new_folder() -> Path:
    """A folder for a broker's data, which its tests remove."""
    return Path(tempfile.mkdtemp(prefix="grootboek kafka "))


def run_guarded(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Run a process that the kernel kills when ours dies.

    The kernel watches the thread that started it, so that thread lives as long as the process.
    """
    started: list[subprocess.Popen[bytes]] = []
    ready = threading.Event()

    def keep() -> None:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls, no lock is taken
            )
        started.append(process)
        ready.set()
        process.wait()

    threading.Thread(target=keep, name="kafka-keeper", daemon=True).start()
    ready.wait()
    return started[0]

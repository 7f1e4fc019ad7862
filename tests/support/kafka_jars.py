"""Apache Kafka for the tests: fetched once by Maven, kept outside the tree, complete or not there at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

POM = Path(__file__).parent / "kafka" / "pom.xml"
NAME = "kafka-4.1.0"
FETCH_SECONDS_MAX = 900
PROGRESS_SECONDS = 10


class KafkaMissing(Exception):
    """What runs a broker is not on this machine; the message says what to install."""


def find_program(name: str, package: str) -> str:
    """The path of a program; KafkaMissing when it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise KafkaMissing(
            f"The tests run a real Apache Kafka and need `{name}`: install {package}, or name your own broker in"
            " KAFKA_BOOTSTRAP_SERVERS. ALLOW_MISSING=kafka leaves these tests out."
        )
    return path


def find_jars(say: Callable[[str], None]) -> Path:
    """The folder with all jars, fetched the first time; ``say`` is told how that goes."""
    folder = cache_folder() / NAME / "jars"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / "fetching").open("w", encoding="utf-8") as lock:
            # Of several processes that run tests side by side one fetches; Maven's own folder bears no two.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                fetch_jars(folder, say)
    return folder


def cache_folder() -> Path:
    """Where large things are kept that can be fetched again."""
    chosen = os.environ.get("XDG_CACHE_HOME")
    return (Path(chosen) if chosen else Path.home() / ".cache") / "grootboek"


def fetch_jars(folder: Path, say: Callable[[str], None]) -> None:
    """Let Maven copy the jars into a folder beside it, which takes the name only when it is complete."""
    program = find_program("mvn", "Maven (package maven)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    # The pom is copied: Maven writes a target folder beside it.
    shutil.copy(POM, unfinished)
    say("Fetching Apache Kafka 4.1.0 by Maven, once (about 45 MB)")
    command = [program, "-q", "-B", "-f", str(unfinished / POM.name), "dependency:copy-dependencies"]
    try:
        run_telling([*command, f"-DoutputDirectory={unfinished / 'jars'}"], say)
        publish(unfinished / "jars", folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say(f"Apache Kafka stands in {folder}")


def run_telling(command: list[str], say: Callable[[str], None]) -> None:
    """Run a command to its end and say every now and then that it goes on; KafkaMissing when it fails."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for waited in range(0, FETCH_SECONDS_MAX, PROGRESS_SECONDS):
            try:
                output, _ = process.communicate(timeout=PROGRESS_SECONDS)
            except subprocess.TimeoutExpired:
                say(f"still fetching Apache Kafka, {waited + PROGRESS_SECONDS} s")
                continue
            if process.returncode:
                raise KafkaMissing(f"Maven could not fetch Apache Kafka: {output[-2_000:].strip()}")
            return
        process.kill()
    raise KafkaMissing(f"Maven did not fetch Apache Kafka within {FETCH_SECONDS_MAX} seconds")


def publish(made: Path, name: Path) -> None:
    """Give what is complete its name; another process that was first wins."""
    try:
        made.rename(name)
    except OSError:
        if not name.exists():
            raise

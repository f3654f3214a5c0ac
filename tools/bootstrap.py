"""Make `.venv` and install the project into it; nothing else. `make` calls it before every target that needs it.

Standard library only, and in words that Python 3.6 still reads, so that a Python too old for the product can say so
itself. Whatever goes wrong on somebody else's machine is one line on stderr and exit status 1.

What it promises:

- a second call does nothing and needs no network: a stamp in `.venv` says what was installed, where, by which Python;
- the stamp goes before anything changes and is written last, so an interrupted call is made good by the next one;
- nothing outside `.venv` is written, except what pip caches, and nothing needs root.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import typing

MINIMUM = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
STARTED_AGAIN = "DACOMPLIANCE_BOOTSTRAP_STARTED_AGAIN"

# How pip, the library under it and the system say that an index cannot be reached.
UNREACHABLE = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "Connection refused",
    "Connection reset",
    "Connection broken",
    "RemoteDisconnected",
    "timed out",
    "TimeoutError",
    "Network is unreachable",
    "Name or service not known",
    "name resolution",
    "getaddrinfo failed",
    "nodename nor servname",
    "ProxyError",
    "SSLError",
    "(from versions: none)",  # told not to try twice, pip says no more than this
)


class SetupError(Exception):
    """Something the person at the keyboard can mend; its text is the one line they see."""


def main(arguments: "list[str]") -> int:
    """Make `.venv` ready for use, and say in one line why where that cannot be."""
    options = _options(arguments)
    try:
        _check_python(options.minimum)
        _prepare(os.path.abspath(options.folder), {name for name in options.extras.split(",") if name})
    except SetupError as reason:
        print(f"Not set up: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Not set up: stopped half-way. Run it again; it starts afresh.", file=sys.stderr)
        return 130
    return 0


def _options(arguments: "list[str]") -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make .venv and install the project into it.")
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--folder", default=here, help="the checkout (default: the one this file is in)")
    parser.add_argument("--extras", default="", help="what to install beside the product, such as dev")
    parser.add_argument("--minimum", default=MINIMUM, type=_version, help="the oldest Python to accept; for the tests")
    return parser.parse_args(arguments)


def _version(text: str) -> "tuple[int, ...]":
    return tuple(int(part) for part in text.split("."))


def _check_python(minimum: "tuple[int, ...]") -> None:
    """Go on under this Python, or start again under a newer one on the PATH; raise SetupError where there is none."""
    if sys.version_info[:2] >= minimum:
        return
    newer = None if STARTED_AGAIN in os.environ else _newer_python(minimum)
    if newer is not None:
        raise SystemExit(subprocess.call([newer] + sys.argv, env=dict(os.environ, **{STARTED_AGAIN: "yes"})))
    found, needed = (".".join(str(part) for part in version) for version in (sys.version_info[:2], minimum))
    raise SetupError(
        f"{sys.executable} is Python {found}, which is too old. Install Python {needed} or newer, or name one that "
        "is there: make PYTHON=/path/to/python3"
    )


def _newer_python(minimum: "tuple[int, ...]") -> "str | None":
    """Return a Python on the PATH that is new enough and really runs (a version manager's stand-in may not)."""
    question = f"import sys; sys.exit(sys.version_info[:2] < {minimum!r})"
    for name in NEWER:
        python = shutil.which(name)
        if python is not None and _run([python, "-c", question], None) == 0:
            return python
    return None


def _prepare(root: str, extras: "set[str]") -> None:
    """Bring `.venv` under `root` to what pyproject.toml and constraints.txt say now, with `extras`."""
    venv = os.path.join(root, ".venv")
    place, needs = _place(root), _needs(root)
    stamp = _read_stamp(venv)
    usable = stamp.get("place") == place and os.path.exists(_python_of(venv))
    if usable and stamp.get("needs") == needs and extras <= set(stamp.get("extras", ())):
        return
    extras = extras | set(stamp.get("extras", ()))
    try:
        if usable:
            os.remove(_stamp(venv))
        else:
            _make(venv)
        _install(root, venv, extras)
        _write_stamp(venv, {"place": place, "needs": needs, "extras": sorted(extras)})
    except OSError as error:
        raise SetupError(
            f"{venv} cannot be written ({error.strerror or error}). Make the folder writable, or clone to one that is."
        ) from None


def _place(root: str) -> str:
    """Return what ties a `.venv` to one folder and one Python: its scripts hold both."""
    return _digest(root.encode(), sys.version.encode(), os.path.realpath(sys.executable).encode())


def _needs(root: str) -> str:
    """Return a digest of the two files that say what is installed."""
    contents = []
    for name in ("pyproject.toml", "constraints.txt"):
        try:
            with open(os.path.join(root, name), "rb") as file:
                contents.append(file.read())
        except OSError as error:
            raise SetupError(f"{name} cannot be read ({error.strerror}). Clone the project again.") from None
    return _digest(*contents)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _make(venv: str) -> None:
    """Make an empty `.venv`, taking away whatever a stopped call, another Python or another folder left there."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"{sys.executable} has no venv module. Install it (on Debian and Ubuntu, as root: "
            "apt-get install python3-venv), or name a Python that has it: make PYTHON=/path/to/python3"
        )
    if os.path.lexists(venv):
        print("Making .venv again: what is there is half made, or belongs to another folder or another Python.")
        shutil.rmtree(venv)
    os.mkdir(venv)
    log = os.path.join(venv, "install.log")
    if _run([sys.executable, "-m", "venv", venv], log) != 0:
        raise SetupError(f"{sys.executable} could not make .venv: {_last_words(log)}")


def _install(root: str, venv: str, extras: "set[str]") -> None:
    """Install the checkout, editable, with exactly the versions constraints.txt names."""
    print("Installing into .venv; the first time takes a minute ...", flush=True)
    start = time.time()
    log = os.path.join(venv, "install.log")
    what = f".[{','.join(sorted(extras))}]" if extras else "."
    pip = [_python_of(venv), "-m", "pip", "--no-input", "--disable-pip-version-check"]
    if _run(pip + ["install", "-c", "constraints.txt", "-e", what], log, cwd=root) == 0:
        print(f"Installed in {time.time() - start:.0f} s.", flush=True)
        return
    with open(log, encoding="utf-8", errors="replace") as file:
        said = file.read()
    if any(words in said for words in UNREACHABLE):
        raise SetupError(
            "the Python package index cannot be reached. Connect to the network, or name your own index in the "
            f"environment (PIP_INDEX_URL), and run it again. What pip said is in {log}"
        )
    raise SetupError(f"pip could not install the project: {_last_words(log)} What else it said is in {log}")


def _run(command: "list[str]", log: "str | None", cwd: "str | None" = None) -> int:
    """Run a command that asks nothing, with what it prints going to `log`, and return its exit status."""
    environment = dict(os.environ, PIP_USER="0")  # a person's own setting would send pip outside .venv
    environment.setdefault("PIP_RETRIES", "2")  # pip's five keep a person without a network waiting
    environment.pop("PYTHONHOME", None)
    with open(log or os.devnull, "a", encoding="utf-8") as output:
        return subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, env=environment
        )


def _last_words(log: str) -> str:
    """Return the last error that was said, pip's own or an exception's, else the last thing said; as a sentence."""
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    errors = [line for line in lines if re.match(r"ERROR: |\w+Error: ", line)]
    return (errors or lines or ["it said nothing"])[-1].rstrip(".") + "."


def _python_of(venv: str) -> str:
    return os.path.join(venv, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def _stamp(venv: str) -> str:
    return os.path.join(venv, "installed.json")


def _read_stamp(venv: str) -> "dict[str, typing.Any]":
    """Return what was installed; nothing where there is no stamp, or none that can be read."""
    try:
        with open(_stamp(venv), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(venv: str, stamp: "dict[str, typing.Any]") -> None:
    part = _stamp(venv) + ".part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(stamp, file)
    os.replace(part, _stamp(venv))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

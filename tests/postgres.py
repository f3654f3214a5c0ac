"""A PostgreSQL server of the tests' own, made in two seconds and thrown away. It touches nothing of the machine's.

It listens on a socket in a folder of its own and on no port. PostgreSQL refuses to run as root, so root hands it to
an unprivileged user.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

ADDRESS: Final = "DACOMPLIANCE_TEST_POSTGRESQL"
NO_SERVER: Final = f"no PostgreSQL server programs were found (install postgresql, or name a server in {ADDRESS})"

# Nothing here must survive a crash, so nothing waits for the disk.
OPTIONS: Final = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses='' -k '{folder}'"


def server_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs on this machine, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Run a server until the end of the block; yield the address of its `postgres` database, as its superuser."""
    as_user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has at most 107 characters
    if as_user:
        os.chown(folder, as_user["user"], as_user["group"])

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL, **as_user)

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
        run("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", OPTIONS.format(folder=folder))
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Return how a subprocess becomes `postgres`, or `nobody`, when we are root; otherwise it stays who we are."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database on the server and yield its address; drop it afterwards, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
